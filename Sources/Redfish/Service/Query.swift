/// What a request asks for beside the resource itself (DSP0266, query parameters).
struct Query {
    private var expands = false
    private var skip = 0
    private var top: Int?

    init(_ parameters: [(name: String, value: String)], isCollection: Bool) throws(Failure) {
        for (name, value) in parameters {
            switch name {
            case "$expand":
                // One level, with or without its argument; links elsewhere are not followed.
                guard ["*", ".", "~", ".($levels=1)", "*($levels=1)", "~($levels=1)"].contains(value) else {
                    throw Failure(400, [Message(.queryParameterValueFormatError, value, name)])
                }
                expands = true
            case "$skip", "$top":
                guard isCollection else { throw Failure(400, .queryNotSupported) }
                guard let number = Int(value), number >= 0 else {
                    throw Failure(400, [Message(.queryParameterValueFormatError, value, name)])
                }
                if name == "$skip" { skip = number } else { top = number }
            // The service shall not guess what such a parameter means; others are to be ignored.
            case _ where name.hasPrefix("$"), "only", "excerpt": throw Failure(501, .queryNotSupported)
            default: break
            }
        }
    }

    /// Does it; `read` gives the resource at a path.
    func apply(to body: inout JSON.Object, read: (String) -> JSON.Object?) {
        guard var members = body["Members"]?.array else { return }
        if skip > 0 || top != nil { members = Array(members.dropFirst(skip).prefix(top ?? .max)) }
        if expands {
            members = members.map { member in
                guard let path = member["@odata.id"]?.string, member.object?.count == 1 else { return member }
                return read(path).map(JSON.object) ?? member
            }
        }
        body["Members"] = .array(members)
    }
}
