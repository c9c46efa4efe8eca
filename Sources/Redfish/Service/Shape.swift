/// What a client may write in a place.
indirect enum Shape: Sendable {
    case bool
    case string
    case oneOf([String])
    case integer(ClosedRange<Int>)
    /// A list of strings out of these; any when there are none.
    case strings([String] = [])
    case object([String: Shape])
    case optional(Shape)

    /// What is wrong with a property, by its kind of fault.
    enum Fault { case type, notInList, outOfRange }

    func fault(of value: JSON) -> Fault? {
        switch self {
        case .bool: value.bool == nil ? .type : nil
        case .string: value.string == nil ? .type : nil
        case .oneOf(let choices): value.string.map { choices.contains($0) ? nil : .notInList } ?? .type
        case .integer(let range): value.int.map { range.contains($0) ? nil : .outOfRange } ?? .type
        case .strings(let choices):
            value.array.map { list in
                guard list.allSatisfy({ $0.string != nil }) else { return .type }
                return choices.isEmpty || list.allSatisfy { choices.contains($0.text) } ? nil : .notInList
            } ?? .type
        case .object: value.object == nil ? .type : nil
        case .optional(let shape): value == .null ? nil : shape.fault(of: value)
        }
    }

    /// Everything that is wrong with a change of properties: `known` are those that can be read.
    static func faults(
        in changes: JSON.Object,
        writable: [String: Shape],
        known: JSON.Object,
        under parent: String = ""
    ) -> [Message] {
        changes.sorted { $0.key < $1.key }.flatMap { name, value -> [Message] in
            // What an annotation says is not for the service to keep (DSP0266, PATCH).
            if name.contains("@") { return [] }
            let (path, about) = (parent + name, ["#/\(parent)\(name)"])
            guard let shape = writable[name] else {
                return [
                    Message(known[name] == nil ? .propertyUnknown : .propertyNotWritable, path, about: about)
                ]
            }
            if case .object(let inner) = shape, let members = value.object {
                return faults(
                    in: members,
                    writable: inner,
                    known: known[name]?.object ?? [:],
                    under: "\(path)/"
                )
            }
            switch shape.fault(of: value) {
            case nil: return []
            case .type: return [Message(.propertyValueTypeError, value.text, path, about: about)]
            case .notInList: return [Message(.propertyValueNotInList, value.text, path, about: about)]
            case .outOfRange: return [Message(.propertyValueOutOfRange, value.text, path, about: about)]
            }
        }
    }

    /// Everything that is wrong with the parameters of an action.
    static func faults(
        in parameters: JSON.Object,
        of action: String,
        _ shapes: [String: Shape],
        required: [String]
    ) -> [Message] {
        let missing = required.filter { parameters[$0] == nil }
            .map { Message(.actionParameterMissing, action, $0, about: ["#/\($0)"]) }
        let wrong = parameters.sorted { $0.key < $1.key }.compactMap { name, value -> Message? in
            if name.contains("@") { return nil }
            let about = ["#/\(name)"]
            guard let shape = shapes[name] else {
                return Message(.actionParameterUnknown, action, name, about: about)
            }
            return switch shape.fault(of: value) {
            case nil: nil
            case .type:
                Message(.actionParameterValueTypeError, value.text, name, action, about: about)
            case .notInList, .outOfRange:
                Message(.actionParameterValueNotInList, value.text, name, action, about: about)
            }
        }
        return missing + wrong
    }
}
