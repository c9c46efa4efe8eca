import IPMI
import LabModel
import YAML

/// vlab's own `lab.yml`: the sizes and images of machines and the makes of BMCs that other files lack, and what the lab
/// as a whole is to be.
///
///     cpus: 1
///     memory: 384M
///     disks: [2G]
///     image: micro
///     bmc: {profile: dell-idrac9}
///     roles: {controller: {memory: 512M}}
///     nodes: {cmp001: {disks: [2G, 4G]}}
///     engine: {policy: default}
///     uplink: record
///     https: {open: ["*.example.org"]}
struct LabFile {
    /// The mappings that the file is made of and their keys; the shipped schema has a definition of the same name for each.
    enum Mapping: String, CaseIterable {
        case lab, sizes, bmc, engine, https

        var required: [String] {
            switch self {
            case .bmc: ["profile"]
            case .lab, .sizes, .engine, .https: []
            }
        }

        var optional: [String] {
            switch self {
            case .lab: Self.sizes.optional + ["roles", "nodes", "engine", "uplink", "https"]
            case .sizes: ["cpus", "memory", "disks", "image", "bmc"]
            case .engine: ["policy", "command"]
            case .https: ["open", "pass"]
            case .bmc: []
            }
        }
    }

    struct Sizes {
        var cpus: Int?
        var memory: Memory?
        var disks: [Memory]?
        var image: ImageTier?
        var profile: VendorProfile?

        func apply(to node: inout Node) {
            if let cpus { node.cpus = cpus }
            if let memory { node.memory = memory }
            if let disks { node.disks = disks }
            if let image { node.image = image }
            if let profile { node.bmc?.profile = profile.rawValue }
        }
    }

    var all = Sizes()
    /// In the file's order: the later role decides for a node that has two of them.
    var roles: [(name: Located<String>, sizes: Sizes)] = []
    var nodes: [(name: Located<String>, sizes: Sizes)] = []
    /// Nil when the file says nothing of the lab as a whole.
    var settings: LabSettings?

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        guard let top = reader.labMapping(root, "lab.yml", .lab) else { return nil }
        all = Self.sizes(top, &reader)
        roles = Self.named(top["roles"], "roles", &reader)
        nodes = Self.named(top["nodes"], "nodes", &reader)
        let settings = LabSettings(
            engine: Self.engine(top["engine"], &reader),
            uplink: reader.ownChoice(top["uplink"], "uplink"),
            https: Self.https(top["https"], &reader)
        )
        if !settings.isEmpty { self.settings = settings }
    }

    /// Gives a node its sizes: those for all, then for its roles, then its own.
    func apply(to node: inout Node) {
        all.apply(to: &node)
        for (role, sizes) in roles where node.roles.contains(role.value) { sizes.apply(to: &node) }
        for (name, sizes) in nodes where name.value == node.name { sizes.apply(to: &node) }
    }

    // MARK: - Sizes

    private static func named(
        _ node: YAMLNode?,
        _ what: String,
        _ reader: inout YAMLReader
    ) -> [(name: Located<String>, sizes: Sizes)] {
        reader.named(node, what).compactMap { name, value in
            reader.labMapping(value, "\(what): \(name.value)", .sizes).map { (name, sizes($0, &reader)) }
        }
    }

    private static func sizes(_ map: YAMLReader.Mapping, _ reader: inout YAMLReader) -> Sizes {
        var sizes = Sizes()
        sizes.cpus = reader.integer(map["cpus"], "cpus", in: 1...256)
        sizes.memory = size(map["memory"], "memory", atLeast: .mebibytes(64), &reader)
        if let node = map["disks"], let items = reader.sequence(node, "disks") {
            if items.isEmpty {
                reader.error("disks is empty", at: node.position, hint: "a node has at least one")
            }
            sizes.disks = items.compactMap { size($0, "a disk", atLeast: .mebibytes(1), &reader) }
        }
        sizes.image = reader.ownChoice(map["image"], "image")
        if let bmc = reader.labMapping(map["bmc"], "bmc", .bmc) {
            sizes.profile = reader.choice(bmc["profile"], "profile")
        }
        return sizes
    }

    private static func size(
        _ node: YAMLNode?,
        _ what: String,
        atLeast least: Memory,
        _ reader: inout YAMLReader
    ) -> Memory? {
        guard let node,
            let size = reader.value(
                node,
                what,
                example: "512M or 2G",
                { Memory($0) ?? Memory(described: $0) }
            )
        else {
            return nil
        }
        guard size >= least, size <= .gibibytes(65_536) else {
            reader.error("\(what) must be at least \(least) and at most 64T, not \(size)", at: node.position)
            return nil
        }
        return size
    }

    // MARK: - The lab as a whole

    private static func engine(_ node: YAMLNode?, _ reader: inout YAMLReader) -> LabSettings.Engine? {
        guard let node, let map = reader.labMapping(node, "engine", .engine) else { return nil }
        let policy = reader.ownText(map["policy"], "policy")
        let command = reader.ownTexts(map["command"], "command")
        guard (map["policy"] == nil) != (map["command"] == nil) else {
            reader.schemaError(
                "engine is a policy of vdeploy or a command, one of the two",
                node,
                hint: "write {policy: default}, or {command: [PROGRAM, ARGUMENT]}"
            )
            return nil
        }
        if let node = map["command"], node.items?.isEmpty == true {
            reader.schemaError("command is empty", node, hint: "name a program")
            return nil
        }
        return policy.map { .policy($0.value) } ?? command.map { .command($0.map(\.value)) }
    }

    /// The words of `https:` in place of a list of hosts.
    private enum Policy: String, CaseIterable { case pass, open }

    private static func https(_ node: YAMLNode?, _ reader: inout YAMLReader) -> LabSettings.HTTPS? {
        guard let node else { return nil }
        if node.entries == nil {
            return reader.ownChoice(node, "https", Policy.self).map { $0 == .open ? .openAll : .passAll }
        }
        guard let map = reader.labMapping(node, "https", .https) else { return nil }
        guard (map["open"] == nil) != (map["pass"] == nil) else {
            reader.schemaError(
                "https says which hosts are opened or which pass, one of the two",
                node,
                hint: "write {open: [\"*.example.org\"]}, which lets the rest pass, or {pass: …}"
            )
            return nil
        }
        let opened = reader.ownTexts(map["open"], "open")?.map(\.value)
        let passed = reader.ownTexts(map["pass"], "pass")?.map(\.value)
        return opened.map(LabSettings.HTTPS.open) ?? passed.map(LabSettings.HTTPS.pass)
    }
}

extension YAMLReader {
    fileprivate mutating func labMapping(
        _ node: YAMLNode?,
        _ what: String,
        _ kind: LabFile.Mapping
    ) -> Mapping? {
        mapping(node, what, required: kind.required, optional: kind.optional)
    }
}
