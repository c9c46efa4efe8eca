/// One kind of thing in the tree: what it says, and what may be done to it.
struct Resource: Sendable {
    /// What it says, without the annotations that everything has.
    typealias Read = @Sendable (Scope) throws(Failure) -> JSON.Object
    typealias Act = @Sendable (Scope, JSON.Object) async throws(Failure) -> Answer

    /// Such as `ComputerSystem.v1_22_0.ComputerSystem`.
    var type: String
    /// Readable before log-in.
    var isPublic = false
    var read: Read?
    /// In place of `read`: what is not a resource.
    var document: (@Sendable (Scope) throws(Failure) -> Answer)?
    var patch: Patch?
    var post: Post?
    var delete: Delete?

    /// A change of properties, which is made whole or not at all.
    struct Patch: Sendable {
        var privilege: Privilege
        var writable: @Sendable (Scope) throws(Failure) -> [String: Shape]
        var apply: @Sendable (Scope, JSON.Object) async throws(Failure) -> Void
    }

    /// An action, or a new member of a collection.
    struct Post: Sendable {
        /// Nil for what takes no log-in.
        var privilege: Privilege?
        var parameters: @Sendable (Scope) throws(Failure) -> [String: Shape] = { _ in [:] }
        var required: [String] = []
        var apply: Act
    }

    struct Delete: Sendable {
        var privilege: Privilege
        var apply: @Sendable (Scope) async throws(Failure) -> Void
    }

    /// The methods that it knows, as the header Allow has them.
    var allowed: String {
        let methods =
            (read == nil && document == nil ? [] : ["GET", "HEAD"]) + (patch == nil ? [] : ["PATCH"])
            + (post == nil ? [] : ["POST"]) + (delete == nil ? [] : ["DELETE"]) + ["OPTIONS"]
        return methods.joined(separator: ", ")
    }

    /// A collection of what `members` says there is.
    static func collection(
        _ type: String,
        _ name: String,
        post: Post? = nil,
        members: @escaping @Sendable (Scope) throws(Failure) -> [String]
    ) -> Resource {
        Resource(
            type: "\(type).\(type)",
            read: { scope throws(Failure) in
                let names = try members(scope)
                return [
                    "Name": .string(name),
                    "Members": .links(names.map { "\(scope.path)/\($0)" }),
                    "Members@odata.count": .int(names.count),
                ]
            },
            post: post
        )
    }

    static func action(
        _ privilege: Privilege,
        _ parameters: @escaping @Sendable (Scope) throws(Failure) -> [String: Shape] = { _ in [:] },
        required: [String] = [],
        _ apply: @escaping Act
    ) -> Resource {
        Resource(
            type: "",
            post: Post(privilege: privilege, parameters: parameters, required: required, apply: apply)
        )
    }
}

/// What a resource is read and changed in the light of.
struct Scope: Sendable {
    let service: RedfishService
    /// The path as this service writes it: without a slash at its end.
    var path: String
    /// The parts of the path that name something, by what they name: `system`, `task`.
    var ids: [String: String]
    var user: User?
    /// Where the request came from.
    var client: String

    func id(_ kind: String) -> String { ids[kind] ?? "" }
    var notFound: Failure { .notFound(path) }
}
