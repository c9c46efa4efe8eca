import IPMI
import LabModel
import YAML

/// vlab's own `lab.yml`: the sizes of machines, and the makes of BMCs, that other files lack.
///
///     cpus: 1
///     memory: 384M
///     disks: [2G]
///     bmc: {profile: dell-idrac9}
///     roles: {controller: {memory: 512M}}
///     nodes: {cmp001: {disks: [2G, 4G]}}
struct SizesFile {
    struct Sizes {
        var cpus: Int?
        var memory: Memory?
        var disks: [Memory]?
        var profile: VendorProfile?

        func apply(to node: inout Node) {
            if let cpus { node.cpus = cpus }
            if let memory { node.memory = memory }
            if let disks { node.disks = disks }
            if let profile { node.bmc?.profile = profile.rawValue }
        }
    }

    var all = Sizes()
    /// In the file's order: the later role decides for a node that has two of them.
    var roles: [(name: Located<String>, sizes: Sizes)] = []
    var nodes: [(name: Located<String>, sizes: Sizes)] = []

    private static let keys = ["cpus", "memory", "disks", "bmc"]

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        guard let top = reader.mapping(root, "lab.yml", optional: Self.keys + ["roles", "nodes"]) else {
            return nil
        }
        all = Self.sizes(top, &reader)
        roles = Self.named(top["roles"], "roles", &reader)
        nodes = Self.named(top["nodes"], "nodes", &reader)
    }

    /// Gives a node its sizes: those for all, then for its roles, then its own.
    func apply(to node: inout Node) {
        all.apply(to: &node)
        for (role, sizes) in roles where node.roles.contains(role.value) { sizes.apply(to: &node) }
        for (name, sizes) in nodes where name.value == node.name { sizes.apply(to: &node) }
    }

    private static func named(
        _ node: YAMLNode?,
        _ what: String,
        _ reader: inout YAMLReader
    ) -> [(name: Located<String>, sizes: Sizes)] {
        guard let map = reader.anyMapping(node, what) else { return [] }
        return map.keys.compactMap { name in
            reader.mapping(map[name], "\(what): \(name)", optional: keys).map { entry in
                (Located(value: name, position: map.place(of: name)), sizes(entry, &reader))
            }
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
        if let bmc = reader.mapping(map["bmc"], "bmc", required: ["profile"]) {
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
        guard let node, let size = reader.value(node, what, example: "512M or 2G", { Memory($0) }) else {
            return nil
        }
        guard size >= least, size <= .gibibytes(65_536) else {
            reader.error("\(what) must be at least \(least) and at most 64T, not \(size)", at: node.position)
            return nil
        }
        return size
    }
}
