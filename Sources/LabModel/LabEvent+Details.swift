extension LabEvent {
    /// Details by name, in the order of their names, which are few: found and written faster than in a dictionary.
    package struct Details: Sendable, Hashable, ExpressibleByDictionaryLiteral {
        private struct Field: Sendable, Hashable {
            let name: String
            var value: String
        }

        private var fields: [Field] = []

        package init() {}

        /// Of two details of one name the later counts.
        package init(dictionaryLiteral details: (String, String)...) {
            fields.reserveCapacity(details.count)
            for (name, value) in details { self[name] = value }
        }

        package subscript(name: String) -> String? {
            get { fields.first { $0.name == name }?.value }
            set {
                // Who names them in order has nothing to look for.
                let place = fields.last.map { $0.name < name } ?? true ? fields.count : place(of: name)
                let isThere = place < fields.count && fields[place].name == name
                switch newValue {
                case let value? where isThere: fields[place].value = value
                case let value?: fields.insert(Field(name: name, value: value), at: place)
                case nil: if isThere { fields.remove(at: place) }
                }
            }
        }

        /// Of the first that is not before a name.
        private func place(of name: String) -> Int {
            fields.firstIndex { $0.name >= name } ?? fields.count
        }

        package mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

        /// These and others; of two of one name the other counts.
        package func with(_ others: Details) -> Details {
            var all = self
            for (name, value) in others { all[name] = value }
            return all
        }
    }
}

extension LabEvent.Details: Sequence {
    package func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        fields.lazy.map { ($0.name, $0.value) }.makeIterator()
    }
}

extension LabEvent.Details: Codable {
    package init(from decoder: any Decoder) throws {
        for (name, value) in try [String: String](from: decoder) { self[name] = value }
    }

    package func encode(to encoder: any Encoder) throws {
        try Dictionary(uniqueKeysWithValues: map { ($0.name, $0.value) }).encode(to: encoder)
    }
}
