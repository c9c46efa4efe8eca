import LabModel

/// Writes the `lab.yml` that a pod's other files need beside them; nil when they say enough.
struct LabFileWriter {
    let pod: Pod
    /// The pod as the other files alone give it.
    let bare: Pod

    func write() -> WrittenFile? {
        var all: [YAMLText.Field] = []
        var own: [String: [YAMLText.Field]] = [:]
        let pairs = Array(zip(pod.nodes, bare.nodes))
        for (key, value) in Self.sizes {
            let differing = pairs.filter { value($0) != value($1) }.map(\.0)
            guard let first = differing.first, let text = value(first)?.text else { continue }
            if pod.nodes.allSatisfy({ value($0) == value(first) }) {
                all.append(.init(key, text))
            } else {
                for node in differing {
                    if let text = value(node)?.text { own[node.name, default: []].append(.init(key, text)) }
                }
            }
        }
        let nodes = pod.nodes.compactMap { node in own[node.name].map { YAMLText.Field(node.name, .map($0)) }
        }
        let fields = all + (nodes.isEmpty ? [] : [.init("nodes", .map(nodes))]) + settings
        guard !fields.isEmpty else { return nil }
        return WrittenFile(name: "lab.yml", text: YAMLText.document(fields))
    }

    /// What is compared, and how it is written.
    private enum Size: Equatable {
        case number(Int)
        case memory(Memory)
        case disks([Memory])
        case word(String)
        case profile(String)

        var text: YAMLText {
            switch self {
            case .number(let number): .number(number)
            case .memory(let memory): .text(memory.short)
            case .disks(let disks): .texts(disks.map(\.short))
            case .word(let word): .text(word)
            case .profile(let profile): .map([.init("profile", .text(profile))])
            }
        }
    }

    private static let sizes: [(key: String, value: @Sendable (Node) -> Size?)] = [
        ("cpus", { .number($0.cpus) }), ("memory", { .memory($0.memory) }), ("disks", { .disks($0.disks) }),
        ("image", { $0.image.map { .word($0.rawValue) } }), ("bmc", { $0.bmc?.profile.map { .profile($0) } }),
    ]

    private var settings: [YAMLText.Field] {
        guard let lab = pod.lab else { return [] }
        let engine: YAMLText? = lab.engine.map { engine in
            switch engine {
            case .policy(let policy): .map([.init("policy", .text(policy))])
            case .command(let words): .map([.init("command", .texts(words))])
            }
        }
        let https: YAMLText? = lab.https.map { https in
            switch https {
            case .openAll: .text("open")
            case .passAll: .text("pass")
            case .open(let hosts): .map([.init("open", .texts(hosts))])
            case .pass(let hosts): .map([.init("pass", .texts(hosts))])
            }
        }
        return [
            .init("engine", engine), .init("uplink", lab.uplink.map { .text($0.rawValue) }),
            .init("https", https),
        ].compactMap(\.self)
    }
}
