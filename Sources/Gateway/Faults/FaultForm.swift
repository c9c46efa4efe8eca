/// What a kind of fault is called, what it does and what it takes: for scenarios and the command line.
package struct FaultForm: Sendable {
    /// One thing that may be said of it, as text.
    package struct Parameter: Sendable, Hashable {
        package var name: String
        package var summary: String
        /// What it is unless somebody says otherwise; nil when somebody must.
        package var usual: String?
        /// A value that it may have, where there is no usual one.
        package var example: String?

        package init(_ name: String, _ summary: String, usual: String? = nil, example: String? = nil) {
            (self.name, self.summary, self.usual, self.example) = (name, summary, usual, example)
        }
    }

    /// As in the catalogue of faults: `http.stall`.
    package var name: String
    /// A sentence without its full stop.
    package var summary: String
    package var parameters: [Parameter]

    /// What must be said, as somebody might say it.
    package var example: [String: String] {
        let needed = parameters.filter { $0.usual == nil }.map { ($0.name, $0.example ?? "") }
        return Dictionary(needed) { first, _ in first }
    }

    init(_ name: String, _ summary: String, _ parameters: [Parameter] = []) {
        (self.name, self.summary, self.parameters) = (name, summary, parameters)
    }
}

/// What is said of a fault, read by its kind; what is not said has its usual value.
package struct FaultArguments: Sendable {
    private let form: FaultForm
    private let given: [String: String]

    init(_ given: [String: String], for form: FaultForm) throws(FaultError) {
        (self.given, self.form) = (given, form)
        let known = form.parameters.map(\.name)
        for name in given.keys.sorted() where !known.contains(name) {
            throw .noSuchArgument(kind: form.name, name, known: known)
        }
        for parameter in form.parameters where parameter.usual == nil && given[parameter.name] == nil {
            throw .missingArgument(kind: form.name, parameter.name, parameter.summary)
        }
    }

    /// Whether somebody said it.
    func isGiven(_ name: String) -> Bool { given[name] != nil }

    func text(_ name: String) -> String {
        given[name] ?? form.parameters.first { $0.name == name }?.usual ?? ""
    }

    /// The usual value, or the one that its form shows, if it is such a one.
    func example(_ name: String, where isSuch: (String) -> Bool) -> String? {
        let parameter = form.parameters.first { $0.name == name }
        return [parameter?.usual, parameter?.example].lazy.compactMap(\.self).first(where: isSuch)
    }

    func error(_ name: String, _ problem: String, example: String) -> FaultError {
        .badArgument(kind: form.name, name, problem: problem, example: example)
    }
}

/// Why a fault cannot be made.
package enum FaultError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchKind(String)
    case noSuchArgument(kind: String, String, known: [String])
    case missingArgument(kind: String, String, String)
    case badArgument(kind: String, String, problem: String, example: String)
    case badPattern(String)
    case noPath(kind: String)

    package var description: String {
        switch self {
        case .noSuchKind(let kind): "there is no fault “\(kind)”"
        case .noSuchArgument(let kind, let name, let known):
            "\(kind) takes no “\(name)”: it takes "
                + (known.isEmpty ? "nothing" : known.joined(separator: ", "))
        case .missingArgument(let kind, let name, let summary): "\(kind) needs “\(name)”: \(summary)"
        case .badArgument(let kind, let name, let problem, let example):
            "\(kind): \(name): \(problem), as in \(example)"
        case .badPattern(let text): "“\(text)” is no regular expression"
        case .noPath(let kind):
            "\(kind) acts before anything is asked: match by host, port and client, not by path or method"
        }
    }
}
