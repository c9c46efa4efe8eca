import LabModel

/// A YAML file as a tree, read once; what it means is asked of it through a `YAMLReader`.
///
///     let document = try YAMLDocument.parse(text, file: "pod.yml")
///     var reader = YAMLReader(document)
///     let pod = reader.mapping(document.root, "a pod", required: ["name"], optional: ["hosts"])
///     let name = pod.flatMap { reader.text($0["name"], "name") }
///     try reader.finish()
package struct YAMLDocument: Sendable {
    /// What an honest file never reaches.
    package struct Limits: Sendable {
        package var bytes = 16 << 20
        /// Values in the file, each alias counted as all that it stands for.
        package var nodes = 1_000_000
        package var depth = 64
        package init() {}
    }

    package let file: String
    package let root: YAMLNode
    /// Problems that did not make the rest unreadable, such as a key that is there twice.
    package let problems: [Diagnostic]

    /// Reads text; syntax errors, an empty file and files beyond the limits are thrown with their place.
    package static func parse(
        _ text: String,
        file: String,
        limits: Limits = Limits()
    ) throws(Diagnostics) -> YAMLDocument {
        try parse(bytes: Array(text.utf8), file: file, limits: limits)
    }

    /// Reads a file; one that is missing or cannot be read is a diagnostic too.
    package static func read(
        contentsOf path: String,
        limits: Limits = Limits()
    ) throws(Diagnostics) -> YAMLDocument {
        try parse(bytes: TextFile.bytes(contentsOf: path, upTo: limits.bytes), file: path, limits: limits)
    }

    private static func parse(
        bytes: [UInt8],
        file: String,
        limits: Limits
    ) throws(Diagnostics) -> YAMLDocument {
        let text = try TextFile.checked(bytes, file: file, upTo: limits.bytes)
        do {
            var composer = try YAMLComposer(text, file: file, limits: limits)
            let root = try composer.document()
            let problems = composer.problems
            guard let root else {
                let hint = "was it saved, and is it the right one?"
                throw failure("the file is empty", file: file, hint: hint, rule: .empty)
            }
            return YAMLDocument(file: file, root: root, problems: problems)
        } catch let error as YAMLParser.Failure {
            throw failure(
                error.message,
                file: file,
                at: error.position,
                hint: (error.advice.map { "\($0); " } ?? "") + "the rest of the file was not read"
            )
        } catch let error as Diagnostics {
            throw error
        } catch {
            throw failure("\(error)", file: file)
        }
    }

    /// One problem with a file as a whole.
    static func failure(
        _ message: String,
        file: String,
        at position: YAMLNode.Position = .init(line: 1, column: 1),
        hint: String? = nil,
        rule: YAMLRule = .syntax
    ) -> Diagnostics {
        Diagnostics([
            Diagnostic(
                file: file,
                line: position.line,
                column: position.column,
                message: message,
                hint: hint,
                rule: rule.rawValue
            )
        ])
    }
}
