extension Int {
    /// A number of things in words: `1 fault`, `2 faults`.
    func of(_ thing: String) -> String { "\(self) \(thing)\(self == 1 ? "" : "s")" }
}
