import LabModel

extension FaultForm.Parameter {
    static let direction = Self(
        "direction",
        "down: what comes to the client; up: what it sends",
        usual: "down"
    )
    static let seed = Self("seed", "fixes every random choice", usual: "1")
    static let jitter = Self("jitter", "by so much more or less, at random", usual: "0s")
}

extension FaultArguments {
    func direction() throws(FaultError) -> Flow.Direction { try choice("direction", Flow.Direction.self) }

    func seed() throws(FaultError) -> UInt64 { UInt64(try number("seed", in: 0...Int.max)) }

    /// Forwards or backwards: `-90s`, `+2h`, `365d`.
    func shift(_ name: String) throws(FaultError) -> Duration {
        let text = text(name)
        let isBack = text.hasPrefix("-")
        guard let time = Duration(isBack || text.hasPrefix("+") ? String(text.dropFirst()) : text) else {
            throw error(name, "“\(text)” is no time with a sign", example: "-90s, +2h or 365d")
        }
        return isBack ? .zero - time : time
    }

    /// Bytes a second.
    func rate(_ name: String) throws(FaultError) -> Int {
        let rate = try size(name)
        guard rate > 0 else { throw error(name, "nothing would ever come", example: "64K") }
        return rate
    }
}
