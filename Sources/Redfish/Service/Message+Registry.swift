// The Base message registry as far as this service speaks it; texts and resolutions are the standard's (DSP8011).
extension Message.Kind {
    var entry: Message.Entry {
        switch self {
        case .success:
            Message.Entry(
                severity: .ok,
                arguments: 0,
                text: "The request completed successfully.",
                resolution: "None."
            )
        case .noOperation:
            Message.Entry(
                severity: .warning,
                arguments: 0,
                text: "The request body submitted contain no data to act upon and no changes to the "
                    + "resource took place.",
                resolution: "Add properties in the JSON object and resubmit the request."
            )
        case .generalError:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "A general error has occurred.  See Resolution for information on how to resolve the "
                    + "error, or @Message.ExtendedInfo if Resolution is not provided.",
                resolution: "None."
            )
        case .malformedJSON:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The request body submitted was malformed JSON and could not be parsed by the "
                    + "receiving service.",
                resolution: "Ensure that the request body is valid JSON and resubmit the request."
            )
        case .emptyJSON:
            Message.Entry(
                severity: .warning,
                arguments: 0,
                text: "The request body submitted contained an empty JSON object and the service is unable "
                    + "to process it.",
                resolution: "Add properties in the JSON object and resubmit the request."
            )
        case .unrecognizedRequestBody:
            Message.Entry(
                severity: .warning,
                arguments: 0,
                text: "The service detected a malformed request body that it was unable to interpret.",
                resolution: "Correct the request body and resubmit the request if it failed."
            )
        case .propertyUnknown:
            Message.Entry(
                severity: .warning,
                arguments: 1,
                text: "The property %1 is not in the list of valid properties for the resource.",
                resolution:
                    "Remove the unknown property from the request body and resubmit the request if the "
                    + "operation failed."
            )
        case .propertyNotWritable:
            Message.Entry(
                severity: .warning,
                arguments: 1,
                text: "The property %1 is a read-only property and cannot be assigned a value.",
                resolution:
                    "Remove the property from the request body and resubmit the request if the operation "
                    + "failed."
            )
        case .propertyMissing:
            Message.Entry(
                severity: .warning,
                arguments: 1,
                text: "The property %1 is a required property and must be included in the request.",
                resolution:
                    "Ensure that the property is in the request body and has a valid value and resubmit "
                    + "the request if the operation failed."
            )
        case .propertyValueTypeError:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The value '%1' for the property %2 is not a type that the property can accept.",
                resolution:
                    "Correct the value for the property in the request body and resubmit the request if "
                    + "the operation failed."
            )
        case .propertyValueNotInList:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The value '%1' for the property %2 is not in the list of acceptable values.",
                resolution:
                    "Choose a value from the enumeration list that the implementation can support and "
                    + "resubmit the request if the operation failed."
            )
        case .propertyValueOutOfRange:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The value '%1' for the property %2 is not in the supported range of acceptable "
                    + "values.",
                resolution:
                    "Correct the value for the property in the request body and resubmit the request if "
                    + "the operation failed."
            )
        case .propertyValueFormatError:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The value '%1' for the property %2 is not a format that the property can accept.",
                resolution:
                    "Correct the value for the property in the request body and resubmit the request if "
                    + "the operation failed."
            )
        case .propertyValueConflict:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The property '%1' could not be written because its value would conflict with the "
                    + "value of the '%2' property.",
                resolution: "None."
            )
        case .actionParameterMissing:
            Message.Entry(
                severity: .critical,
                arguments: 2,
                text: "The action %1 requires the parameter %2 to be present in the request body.",
                resolution:
                    "Supply the action with the required parameter in the request body when the request "
                    + "is resubmitted."
            )
        case .actionParameterUnknown:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The action %1 was submitted with the invalid parameter %2.",
                resolution: "Correct the invalid action parameter and resubmit the request if the operation "
                    + "failed."
            )
        case .actionParameterNotSupported:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The parameter %1 for the action %2 is not supported on the target resource.",
                resolution: "Remove the parameter supplied and resubmit the request if the operation failed."
            )
        case .actionParameterValueNotInList:
            Message.Entry(
                severity: .warning,
                arguments: 3,
                text: "The value '%1' for the parameter %2 in the action %3 is not in the list of "
                    + "acceptable values.",
                resolution:
                    "Choose a value from the enumeration list that the implementation can support and "
                    + "resubmit the request if the operation failed."
            )
        case .actionParameterValueTypeError:
            Message.Entry(
                severity: .warning,
                arguments: 3,
                text: "The value '%1' for the parameter %2 in the action %3 is not a type that the "
                    + "parameter can accept.",
                resolution:
                    "Correct the value for the parameter in the request body and resubmit the request if "
                    + "the operation failed."
            )
        case .actionParameterValueFormatError:
            Message.Entry(
                severity: .warning,
                arguments: 3,
                text: "The value '%1' for the parameter %2 in the action %3 is not a format that the "
                    + "parameter can accept.",
                resolution:
                    "Correct the value for the parameter in the request body and resubmit the request if "
                    + "the operation failed."
            )
        case .actionParameterValueConflict:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The parameter '%1' with the requested value of '%2' does not meet the constraints "
                    + "of the implementation.",
                resolution: "None."
            )
        case .resourceMissingAtURI:
            Message.Entry(
                severity: .critical,
                arguments: 1,
                text: "The resource at the URI '%1' was not found.",
                resolution: "Place a valid resource at the URI or correct the URI and resubmit the request."
            )
        case .resourceInUse:
            Message.Entry(
                severity: .warning,
                arguments: 0,
                text: "The change to the requested resource failed because the resource is in use or in "
                    + "transition.",
                resolution: "Remove the condition and resubmit the request if the operation failed."
            )
        case .resourceAlreadyExists:
            Message.Entry(
                severity: .critical,
                arguments: 3,
                text: "The requested resource of type %1 with the property %2 with the value '%3' already "
                    + "exists.",
                resolution: "Do not repeat the create operation as the resource was already created."
            )
        case .resourceCannotBeDeleted:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The delete request failed because the resource requested cannot be deleted.",
                resolution: "Do not attempt to delete a non-deletable resource."
            )
        case .operationNotAllowed:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The HTTP method is not allowed on this resource.",
                resolution: "None."
            )
        case .operationFailed:
            Message.Entry(
                severity: .warning,
                arguments: 0,
                text: "An error occurred internal to the service as part of the overall request.  Partial "
                    + "results may have been returned.",
                resolution:
                    "Resubmit the request.  If the problem persists, consider resetting the service or "
                    + "provider."
            )
        case .insufficientPrivilege:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "There are insufficient privileges for the account or credentials associated with "
                    + "the current session to perform the requested operation.",
                resolution:
                    "Either abandon the operation or change the associated access rights and resubmit "
                    + "the request if the operation failed."
            )
        case .noValidSession:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "There is no valid session established with the implementation.",
                resolution: "Establish a session before attempting any operations."
            )
        case .sessionLimitExceeded:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The session establishment failed due to the number of simultaneous sessions "
                    + "exceeding the limit of the implementation.",
                resolution: "Reduce the number of other sessions before trying to establish the session or "
                    + "increase the limit of simultaneous sessions, if supported."
            )
        case .eventSubscriptionLimitExceeded:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The event subscription failed due to the number of simultaneous subscriptions "
                    + "exceeding the limit of the implementation.",
                resolution: "Reduce the number of other subscriptions before trying to establish the event "
                    + "subscription or increase the limit of simultaneous subscriptions, if supported."
            )
        case .createLimitReachedForResource:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The create operation failed because the resource has reached the limit of possible "
                    + "resources.",
                resolution:
                    "Either delete resources and resubmit the request if the operation failed or do not "
                    + "resubmit the request."
            )
        case .preconditionFailed:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The ETag supplied did not match the ETag required to change this resource.",
                resolution: "Try the operation again using the appropriate ETag."
            )
        case .payloadTooLarge:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The supplied payload exceeds the maximum size supported by the service.",
                resolution: "Check that the supplied payload is correct and supported by this service."
            )
        case .queryNotSupported:
            Message.Entry(
                severity: .warning,
                arguments: 0,
                text: "Querying is not supported by the implementation.",
                resolution: "Remove the query parameters and resubmit the request if the operation failed."
            )
        case .queryParameterValueFormatError:
            Message.Entry(
                severity: .warning,
                arguments: 2,
                text: "The value '%1' for the parameter %2 is not a format that the parameter can accept.",
                resolution:
                    "Correct the value for the query parameter in the request and resubmit the request "
                    + "if the operation failed."
            )
        case .serviceTemporarilyUnavailable:
            Message.Entry(
                severity: .critical,
                arguments: 1,
                text: "The service is temporarily unavailable.  Retry in %1 seconds.",
                resolution: "Wait for the indicated retry duration and retry the operation."
            )
        case .resourceInStandby:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The request could not be performed because the resource is in standby.",
                resolution: "Ensure that the resource is in the correct power state and resubmit the request."
            )
        case .internalError:
            Message.Entry(
                severity: .critical,
                arguments: 0,
                text: "The request failed due to an internal service error.  The service is still "
                    + "operational.",
                resolution: "Resubmit the request.  If the problem persists, consider resetting the service."
            )
        case .couldNotEstablishConnection:
            Message.Entry(
                severity: .critical,
                arguments: 1,
                text: "The service failed to establish a connection with the URI '%1'.",
                resolution:
                    "Ensure that the URI contains a valid and reachable node name, protocol information, "
                    + "and other URI components."
            )
        case .resourceAtUriUnauthorized:
            Message.Entry(
                severity: .critical,
                arguments: 2,
                text: "While accessing the resource at '%1', the service received an authorization error "
                    + "'%2'.",
                resolution:
                    "Ensure that the appropriate access is provided for the service in order for it to "
                    + "access the URI."
            )
        }
    }
}
