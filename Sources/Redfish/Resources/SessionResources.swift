import Foundation

// Logging in by session (DSP0266, Redfish session login authentication).
enum SessionResources {
    static let all: [String: Resource] = [
        "v1/SessionService": Resource(
            type: "SessionService.v1_1_9.SessionService",
            read: { scope in
                [
                    "Name": "Session Service",
                    "ServiceEnabled": true,
                    "SessionTimeout": .int(scope.service.with(\.sessions.timeout)),
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "Sessions": .link("\(path)/Sessions"),
                ]
            },
            patch: Resource.Patch(
                privilege: .configureManager,
                writable: { _ in ["SessionTimeout": .integer(Sessions.timeouts)] },
                apply: { scope, changes in
                    if let timeout = changes["SessionTimeout"]?.int {
                        scope.service.with { $0.sessions.timeout = timeout }
                    }
                }
            )
        ),
        "v1/SessionService/Sessions": sessions,
        // Where clients of the first version of the standard look.
        "v1/SessionService/Sessions/Members": Resource(type: "", post: sessions.post),
        "v1/SessionService/Sessions/{session}": Resource(
            type: "Session.v1_7_2.Session",
            read: { scope throws(Failure) in try json(session(scope), scope.service) },
            delete: Resource.Delete(
                privilege: .configureSelf,
                apply: { scope throws(Failure) in
                    let session = try session(scope)
                    guard let user = scope.user,
                        user.session == session.id || user.name == session.user || user.may(.configureManager)
                    else { throw Failure(403, .insufficientPrivilege) }
                    scope.service.with { $0.sessions.end(session.id) }
                }
            )
        ),
    ]

    private static let path = "/redfish/v1/SessionService"

    private static let sessions = Resource.collection(
        "SessionCollection",
        "Session Collection",
        post: Resource.Post(
            parameters: { _ in ["UserName": .string, "Password": .string, "Context": .optional(.string)] },
            required: ["UserName", "Password"],
            apply: { scope, body throws(Failure) in
                let service = scope.service
                let (name, password) = (body["UserName"]?.string ?? "", body["Password"]?.string ?? "")
                guard service.role(of: name, password: password).map({ !$0.privileges.isEmpty }) ?? false
                else {
                    throw .unauthorized
                }
                let session = service.with {
                    $0.sessions.begin(name, from: scope.client, at: service.now, time: service.time)
                }
                guard let session else {
                    throw Failure(503, [Message(.sessionLimitExceeded)], headers: ["Retry-After": "60"])
                }
                var shown = json(session, service)
                let place = "\(path)/Sessions/\(session.id)"
                shown["@odata.id"] = .string(place)
                shown["@odata.type"] = "#Session.v1_7_2.Session"
                shown["Id"] = .string(session.id)
                return Answer(
                    201,
                    .json(.object(shown)),
                    headers: ["X-Auth-Token": session.token, "Location": place]
                )
            }
        ),
        members: { scope in
            let service = scope.service
            return service.with { $0.sessions.all(at: service.now) }.map(\.id)
        }
    )

    private static func session(_ scope: Scope) throws(Failure) -> Sessions.Session {
        let service = scope.service
        let open = service.with { $0.sessions.all(at: service.now) }
        guard let session = open.first(where: { $0.id == scope.id("session") }) else { throw scope.notFound }
        return session
    }

    private static func json(_ session: Sessions.Session, _ service: RedfishService) -> JSON.Object {
        [
            "Name": "User Session",
            "UserName": .string(session.user),
            "Password": nil,
            "ClientOriginIPAddress": .string(session.client),
            "CreatedTime": .string(session.created),
            "SessionType": "Redfish",
        ]
    }
}
