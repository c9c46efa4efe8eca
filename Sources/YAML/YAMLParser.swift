import Clibyaml

/// Owner of one libyaml parser and of the bytes that it reads.
struct YAMLParser: ~Copyable {
    /// What libyaml found next, as a value of ours.
    enum Event {
        case streamStart, streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
        case scalar(String, YAMLNode.Style, anchor: String?)
        case sequenceStart(anchor: String?)
        case mappingStart(anchor: String?)
        case alias(String)
    }

    /// Why libyaml cannot go on.
    struct Failure: Error {
        var message: String
        var position: YAMLNode.Position
        /// What to do.
        var advice: String?
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: [UInt8]) throws(Failure) {
        parser = .allocate(capacity: 1)
        bytes = .allocate(capacity: max(text.count, 1))
        _ = bytes.initialize(from: text)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            bytes.deallocate()
            throw Failure(message: "out of memory", position: .init(line: 1, column: 1))
        }
        // The columns count characters only as long as the input is read as UTF-8.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event and where it starts.
    mutating func next() throws(Failure) -> (Event, YAMLNode.Position) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let position = Self.position(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return (.streamStart, position)
        case YAML_STREAM_END_EVENT: return (.streamEnd, position)
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, position)
        case YAML_DOCUMENT_END_EVENT: return (.documentEnd, position)
        case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, position)
        case YAML_MAPPING_END_EVENT: return (.mappingEnd, position)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                as: UTF8.self
            )
            return (.scalar(text, Self.style(scalar.style), anchor: Self.string(scalar.anchor)), position)
        case YAML_SEQUENCE_START_EVENT:
            return (.sequenceStart(anchor: Self.string(event.data.sequence_start.anchor)), position)
        case YAML_MAPPING_START_EVENT:
            return (.mappingStart(anchor: Self.string(event.data.mapping_start.anchor)), position)
        case YAML_ALIAS_EVENT:
            return (.alias(Self.string(event.data.alias.anchor) ?? ""), position)
        default:
            throw Failure(message: "unexpected event of the YAML library", position: position)
        }
    }

    private static func position(_ mark: yaml_mark_t) -> YAMLNode.Position {
        .init(line: mark.line + 1, column: mark.column + 1)
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLNode.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
    }

    private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func failure() -> Failure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the YAML library gave no reason"
        if parser.pointee.error == YAML_READER_ERROR {
            // libyaml gives the offset of a byte here, and no mark.
            return Failure(
                message: problem,
                position: position(ofByte: parser.pointee.problem_offset),
                advice: "save the file as text in UTF-8"
            )
        }
        let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
        let began = Self.position(parser.pointee.context_mark)
        // A key without its colon is told at the next line, where nobody looks for it.
        let isKey = problem == Self.keyWithoutColon
        let position = isKey ? began : Self.position(parser.pointee.problem_mark)
        return Failure(
            message: problem + context,
            position: position,
            advice: hasTab(before: position)
                ? "indent with blanks, not with tabs"
                : hasNoBreakSpace(in: position.line)
                    ? "the line has a no-break space (U+00A0), write a blank" : Self.advice(problem, began)
        )
    }

    private static let keyWithoutColon = "could not find expected ':'"

    /// libyaml has no numbers for what is wrong, only these words.
    private static func advice(_ problem: String, _ began: YAMLNode.Position) -> String? {
        switch problem {
        case keyWithoutColon: "write “key: value”, with a blank behind the colon"
        case "mapping values are not allowed in this context":
            "line this line up with its neighbours, or quote a text that has “: ” in it"
        case "did not find expected '-' indicator":
            "line this line up with the list that begins in line \(began.line), column \(began.column)"
        case "did not find expected key":
            "line this line up with the keys that begin in line \(began.line), column \(began.column)"
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
            "close the bracket of line \(began.line), column \(began.column), or quote what has brackets in it"
        case "found character that cannot start any token": "quote a value that begins with @, ` or %"
        default: nil
        }
    }

    /// The bytes of a line, without its end.
    private func bytes(ofLine number: Int) -> UnsafeMutableBufferPointer<UInt8>.SubSequence {
        var rest = bytes[...]
        for _ in 1..<max(number, 1) {
            guard let end = rest.firstIndex(of: 0x0A) else { break }
            rest = rest[(end + 1)...]
        }
        return rest.prefix { $0 != 0x0A }
    }

    /// Whether a tab stands where a line's indentation ends, or right at the place.
    private func hasTab(before position: YAMLNode.Position) -> Bool {
        let line = bytes(ofLine: position.line)
        return line.prefix { $0 == 0x20 || $0 == 0x09 }.contains(0x09)
    }

    private func hasNoBreakSpace(in line: Int) -> Bool {
        let line = bytes(ofLine: line)
        return zip(line, line.dropFirst()).contains { $0 == 0xC2 && $1 == 0xA0 }
    }

    private func position(ofByte offset: Int) -> YAMLNode.Position {
        let before = bytes.prefix(max(0, min(offset, bytes.count)))
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let tail = before.reversed().prefix { $0 != 0x0A }
        // Bytes that continue a UTF-8 sequence are no characters of their own.
        return .init(line: line, column: tail.count { $0 & 0xC0 != 0x80 } + 1)
    }
}
