/// One field of a header, by its name as it was sent.
package struct HeaderField: Hashable, Sendable, Codable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

extension [HeaderField] {
    /// All values of a field, whatever the case of its name.
    package func values(_ name: String) -> [String] {
        let name = name.lowercased()
        return filter { $0.name.lowercased() == name }.map(\.value)
    }

    package func first(_ name: String) -> String? { values(name).first }

    /// The members of a field that is a list, in lower case.
    func list(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",") }.map {
            String($0.filter { $0 != " " && $0 != "\t" }).lowercased()
        }.filter { !$0.isEmpty }
    }
}
