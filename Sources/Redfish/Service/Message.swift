/// What the service says about a request, in the words of the standard's Base message registry (DSP0268, Base 1.18.1).
package struct Message: Hashable, Sendable {
    package var kind: Kind
    package var arguments: [String]
    /// The properties that it is about, as JSON pointers.
    package var about: [String] = []

    static let registry = "Base.1.18.1"

    init(_ kind: Kind, _ arguments: String..., about: [String] = []) {
        (self.kind, self.arguments, self.about) = (kind, arguments, about)
    }

    package var id: String { "\(Self.registry).\(kind.rawValue)" }

    /// The registry's text with its arguments in it.
    package var text: String {
        arguments.enumerated().reduce(kind.entry.text) { text, argument in
            text.split(separator: "%\(argument.offset + 1)", omittingEmptySubsequences: false)
                .joined(separator: argument.element)
        }
    }

    var json: JSON {
        var json: JSON.Object = [
            "@odata.type": "#Message.v1_2_1.Message",
            "MessageId": .string(id),
            "Message": .string(text),
            "MessageArgs": .array(arguments.map(JSON.string)),
            "MessageSeverity": .string(kind.entry.severity.rawValue),
            "Severity": .string(kind.entry.severity.rawValue),
            "Resolution": .string(kind.entry.resolution),
        ]
        if !about.isEmpty { json["RelatedProperties"] = .array(about.map(JSON.string)) }
        return .object(json)
    }

    enum Severity: String { case ok = "OK", warning = "Warning", critical = "Critical" }

    /// One message of the registry.
    struct Entry {
        var severity: Severity
        var arguments: Int
        var text: String
        var resolution: String
    }

    /// The messages that this service has a use for.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case success = "Success"
        case noOperation = "NoOperation"
        case generalError = "GeneralError"
        case malformedJSON = "MalformedJSON"
        case emptyJSON = "EmptyJSON"
        case unrecognizedRequestBody = "UnrecognizedRequestBody"
        case propertyUnknown = "PropertyUnknown"
        case propertyNotWritable = "PropertyNotWritable"
        case propertyMissing = "PropertyMissing"
        case propertyValueTypeError = "PropertyValueTypeError"
        case propertyValueNotInList = "PropertyValueNotInList"
        case propertyValueOutOfRange = "PropertyValueOutOfRange"
        case propertyValueFormatError = "PropertyValueFormatError"
        case propertyValueConflict = "PropertyValueConflict"
        case actionParameterMissing = "ActionParameterMissing"
        case actionParameterUnknown = "ActionParameterUnknown"
        case actionParameterNotSupported = "ActionParameterNotSupported"
        case actionParameterValueNotInList = "ActionParameterValueNotInList"
        case actionParameterValueTypeError = "ActionParameterValueTypeError"
        case actionParameterValueFormatError = "ActionParameterValueFormatError"
        case actionParameterValueConflict = "ActionParameterValueConflict"
        case resourceMissingAtURI = "ResourceMissingAtURI"
        case resourceInUse = "ResourceInUse"
        case resourceAlreadyExists = "ResourceAlreadyExists"
        case resourceCannotBeDeleted = "ResourceCannotBeDeleted"
        case operationNotAllowed = "OperationNotAllowed"
        case operationFailed = "OperationFailed"
        case insufficientPrivilege = "InsufficientPrivilege"
        case noValidSession = "NoValidSession"
        case sessionLimitExceeded = "SessionLimitExceeded"
        case eventSubscriptionLimitExceeded = "EventSubscriptionLimitExceeded"
        case createLimitReachedForResource = "CreateLimitReachedForResource"
        case preconditionFailed = "PreconditionFailed"
        case payloadTooLarge = "PayloadTooLarge"
        case queryNotSupported = "QueryNotSupported"
        case queryParameterValueFormatError = "QueryParameterValueFormatError"
        case serviceTemporarilyUnavailable = "ServiceTemporarilyUnavailable"
        case resourceInStandby = "ResourceInStandby"
        case internalError = "InternalError"
        case couldNotEstablishConnection = "CouldNotEstablishConnection"
        case resourceAtUriUnauthorized = "ResourceAtUriUnauthorized"
    }
}
