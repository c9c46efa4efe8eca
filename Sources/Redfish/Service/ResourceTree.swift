/// Which resource a path leads to; one tree serves every BMC.
struct ResourceTree: Sendable {
    private var resource: Resource?
    private var children: [String: ResourceTree] = [:]
    /// What the next part names, when any will do.
    private var name: String?

    private static let anything = "*"

    /// Takes paths in which `{system}` stands for a system's name.
    init(_ resources: [String: Resource]) {
        for (path, resource) in resources {
            insert(resource, at: path.split(separator: "/").map(String.init)[...])
        }
    }

    private init() {}

    private mutating func insert(_ new: Resource, at path: ArraySlice<String>) {
        guard let part = path.first else {
            precondition(resource == nil, "two resources at one path")
            resource = new
            return
        }
        guard part.hasPrefix("{") else {
            children[part, default: ResourceTree()].insert(new, at: path.dropFirst())
            return
        }
        name = String(part.dropFirst().dropLast())
        children[Self.anything, default: ResourceTree()].insert(new, at: path.dropFirst())
    }

    /// Nil where there is nothing.
    func find(_ path: ArraySlice<String>) -> (resource: Resource, ids: [String: String])? {
        guard let part = path.first else { return resource.map { ($0, [:]) } }
        if part != Self.anything, let child = children[part] { return child.find(path.dropFirst()) }
        guard let name, var found = children[Self.anything]?.find(path.dropFirst()) else { return nil }
        found.ids[name] = part
        return found
    }
}
