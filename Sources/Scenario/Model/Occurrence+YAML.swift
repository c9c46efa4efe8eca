import Gateway
import YAML

extension Occurrence {
    static let fields = [
        Form.Field("first", "only the first so many"),
        Form.Field("nth", "only this one, counted from 1"),
        Form.Field("every", "every so many: 3 is the third, the sixth, …"),
        Form.Field("probability", "so many of a hundred, chosen by the seed: 10%"),
        Form.Field("per", "client: count for each; total: for all together (the default)"),
    ]

    private enum Per: String, CaseIterable { case client, total }

    /// Nil when the file says it wrongly, which the reader then knows; all there are when it says nothing.
    init?(_ map: YAMLReader.Mapping?, _ reader: inout YAMLReader) {
        let given = ["first", "nth", "every", "probability"].filter { map?[$0] != nil }
        guard let map, let name = given.first else {
            if let map, map["per"] != nil {
                reader.error(
                    "per says how to count, and nothing is counted",
                    at: map.place(of: "per"),
                    hint: "as in {first: 2, per: client}"
                )
                return nil
            }
            self = .always
            return
        }
        guard given.count == 1 else {
            reader.error(
                "\(given.joined(separator: " and ")) exclude each other",
                at: map.place(of: given[1]),
                hint: "keep one of them"
            )
            return nil
        }
        let per = map["per"].map { reader.choice($0, "per", Per.self) } ?? .total
        if name == "probability" {
            let part = reader.value(map[name], name, example: "10%") { Self.part($0) }
            guard map["per"] == nil else {
                reader.error("probability counts nothing", at: map.place(of: "per"), hint: "remove per")
                return nil
            }
            guard let part else { return nil }
            self = .probability(part, seed: 0)
            return
        }
        let count = reader.integer(map[name], name, in: 1...1_000_000)
        guard let count, let per else { return nil }
        switch name {
        case "first": self = .first(count, perClient: per == .client)
        case "nth": self = .nth(count, perClient: per == .client)
        default: self = .every(count, perClient: per == .client)
        }
    }

    /// `10%`, from above 0 to 100.
    package static func part(_ text: String) -> Double? {
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 else {
            return nil
        }
        return percent / 100
    }

    /// Chance of its own for each fault: one that is added to a scenario changes nobody else's.
    func seeded(_ seed: UInt64, label: String) -> Occurrence {
        guard case .probability(let part, _) = self else { return self }
        var chance = SeededChoice(seed: seed, label: label)
        return .probability(part, seed: chance.next())
    }

    /// After how many bites it is spent, of each client or in all; nil when it never is.
    var turns: Int? {
        switch self {
        case .first(let count, _): count
        case .nth: 1
        case .always, .every, .probability: nil
        }
    }

    /// `the first 2 requests of each client`.
    package func prose(of noun: String) -> String {
        let whose = isPerClient ? " of each client" : ""
        return switch self {
        case .always: "every \(noun)"
        case .first(let count, _):
            count == 1 ? "the first \(noun)\(whose)" : "the first \(count) \(noun)s\(whose)"
        case .nth(let number, _): "\(noun) number \(number)\(whose)"
        case .every(let step, _): "one \(noun) in \(step)\(whose)"
        case .probability(let part, _):
            "\(part * 100 == (part * 100).rounded() ? "\(Int(part * 100))" : "\(part * 100)") % of the \(noun)s"
        }
    }
}
