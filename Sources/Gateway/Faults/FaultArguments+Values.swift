import LabModel

extension FaultArguments {
    func time(_ name: String) throws(FaultError) -> Duration {
        guard let time = Duration(text(name)) else {
            throw error(name, "“\(text(name))” is no time", example: "250ms, 3s or 5m")
        }
        return time
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(FaultError) -> Int {
        guard let number = Int(text(name)), range.contains(number) else {
            throw error(
                name,
                "“\(text(name))” is no number from \(range.lowerBound) to \(range.upperBound)",
                example: example(name) { Int($0) != nil } ?? "\(range.lowerBound)"
            )
        }
        return number
    }

    /// Bytes, with K, M, G for powers of 1,024.
    func size(_ name: String) throws(FaultError) -> Int {
        guard let bytes = Int(faultSize: text(name)) else {
            throw error(name, "“\(text(name))” is no size up to 1024T", example: "64K or 4M")
        }
        return bytes
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Choice.Type
    ) throws(FaultError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text(name)) else {
            let known = Choice.allCases.map(\.rawValue)
            throw error(
                name,
                "“\(text(name))” is none of those it knows",
                example: known.joined(separator: ", ")
            )
        }
        return choice
    }

    /// A glob, or a tilde and a regular expression.
    func pattern(_ name: String) throws(FaultError) -> TextPattern {
        do {
            return try TextPattern(text(name))
        } catch {
            throw self.error(name, "\(error)", example: "kolla/*, or ~^kolla/.*$")
        }
    }

    /// A place in a body: `40%`, or bytes such as `4M`.
    func place(_ name: String) throws(FaultError) -> BodyPlace {
        guard let place = BodyPlace(text(name)) else {
            throw error(name, "“\(text(name))” is no place in a body", example: "40% or 4M")
        }
        return place
    }
}

extension Int {
    /// Bytes, with K, M, G, T for powers of 1,024; nil beyond 1,024 T, so that what is added to them is a number, too.
    fileprivate init?(faultSize text: String) {
        guard let size = Memory(text), size.bytes <= 1 << 50 else { return nil }
        self = Int(size.bytes)
    }
}

extension BodyPlace {
    /// `40%`, or bytes such as `4M`.
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let part = Double(text.dropLast()), part >= 0, part < 100 else { return nil }
            self = .percent(part)
        } else {
            guard let count = Int(faultSize: text) else { return nil }
            self = .bytes(count)
        }
    }

    /// Nil when the body ends before, or there: nothing would be left to hold back.
    ///
    /// Of a body whose length nobody knows only bytes can be counted.
    func offset(in length: Int?) -> Int? {
        switch self {
        case .bytes(let count): return length.map { count < $0 } ?? true ? count : nil
        case .percent(let part):
            guard let length, length > 0 else { return nil }
            return Int(Double(length) * part / 100)
        }
    }
}
