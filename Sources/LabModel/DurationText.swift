extension Duration {
    /// Reads `250ms`, `3s`, `25m`, `2h`, `365d` and fractions such as `1.5s`; anything else is nil.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let units: [Substring: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let number = Double(digits), let unit = units[text.dropFirst(digits.count)] else { return nil }
        let seconds = number * unit
        guard seconds < 1e9 else { return nil }
        self = .milliseconds(Int64((seconds * 1000).rounded()))
    }

    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// For people: `0.25s`, `3.1s`, `1m05s`, `2h03m`.
    package var brief: String {
        let seconds = inSeconds
        if seconds < 10 { return "\((seconds * 100).rounded() / 100)s" }
        if seconds < 60 { return "\((seconds * 10).rounded() / 10)s" }
        let whole = Int(seconds.rounded())
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours)h\(two(minutes))m" : "\(minutes)m\(two(whole % 60))s"
    }
}
