import IPMI
import VirtualBMC

// Who may log in: the users of IPMI (DSP0268, AccountService).
enum AccountResources {
    static let all: [String: Resource] = [
        "v1/AccountService": Resource(
            type: "AccountService.v1_15_1.AccountService",
            read: { _ in
                [
                    "Name": "Account Service",
                    "ServiceEnabled": true,
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "MinPasswordLength": 1,
                    "MaxPasswordLength": .int(Account.longestPassword),
                    "Accounts": .link("\(path)/Accounts"),
                    "Roles": .link("\(path)/Roles"),
                ]
            }
        ),
        "v1/AccountService/Accounts": .collection(
            "ManagerAccountCollection",
            "Accounts Collection",
            post: Resource.Post(
                privilege: .configureUsers,
                parameters: { _ in writable.merging(["AccountTypes": .strings(types)]) { _, new in new } },
                required: ["UserName", "Password", "RoleId"],
                apply: { scope, body throws(Failure) in try add(body, scope) }
            )
        ) { scope in scope.service.bmc.inspect(\.accounts).map { "\($0.id)" } },
        "v1/AccountService/Accounts/{account}": Resource(
            type: type,
            read: { scope throws(Failure) in json(try account(scope)) },
            patch: Resource.Patch(
                // One's own password; the rest is for those who may configure users.
                privilege: .configureSelf,
                writable: { scope throws(Failure) in
                    if scope.user?.may(.configureUsers) ?? false { return writable }
                    guard try account(scope).name == scope.user?.name else {
                        throw Failure(403, .insufficientPrivilege)
                    }
                    return ["Password": .string]
                },
                apply: { scope, changes throws(Failure) in
                    let new = try changed(try account(scope), changes, scope.service)
                    guard scope.service.bmc.change({ bmc, _, _ in (bmc.change(new), []) }) else {
                        throw Failure(500, .operationFailed)
                    }
                }
            ),
            delete: Resource.Delete(
                privilege: .configureUsers,
                apply: { scope throws(Failure) in
                    let account = try account(scope)
                    guard scope.service.bmc.change({ bmc, _, _ in (bmc.removeAccount(account.id), []) })
                    else {
                        throw Failure(405, .resourceCannotBeDeleted)
                    }
                    scope.service.with { $0.sessions.endAll(of: account.name) }
                }
            )
        ),
        "v1/AccountService/Roles": .collection("RoleCollection", "Roles Collection") { _ in
            Role.allCases.map(\.rawValue)
        },
        "v1/AccountService/Roles/{role}": Resource(
            type: "Role.v1_3_2.Role",
            read: { scope throws(Failure) in
                guard let role = Role(rawValue: scope.id("role")) else { throw scope.notFound }
                return [
                    "Name": .string("\(role.rawValue) Role"), "RoleId": .string(role.rawValue),
                    "IsPredefined": true,
                    "AssignedPrivileges": .array(role.privileges.map { .string($0.rawValue) }),
                ]
            }
        ),
    ]

    private static let path = "/redfish/v1/AccountService"
    private static let type = "ManagerAccount.v1_12_0.ManagerAccount"
    private static let types = ["Redfish", "IPMI"]

    private static let writable: [String: Shape] = [
        "UserName": .string, "Password": .string, "Enabled": .bool,
        "RoleId": .oneOf(Role.allCases.map(\.rawValue)),
    ]

    private static func account(_ scope: Scope) throws(Failure) -> Account {
        let accounts = scope.service.bmc.inspect(\.accounts)
        guard let account = accounts.first(where: { "\($0.id)" == scope.id("account") }) else {
            throw scope.notFound
        }
        return account
    }

    private static func json(_ account: Account) -> JSON.Object {
        let role = Role(account.limit).rawValue
        return [
            "Name": "User Account", "UserName": .string(account.name), "Password": nil,
            "RoleId": .string(role), "Enabled": .bool(account.isEnabled), "Locked": false,
            "AccountTypes": .array(types.map(JSON.string)),
            "Links": ["Role": .link("\(path)/Roles/\(role)")],
        ]
    }

    /// The account with the changes; what no BMC can keep is refused.
    private static func changed(
        _ account: Account,
        _ changes: JSON.Object,
        _ service: RedfishService
    ) throws(Failure) -> Account {
        var new = account
        if let name = changes["UserName"]?.string {
            guard (1...Account.longestName).contains(name.utf8.count) else {
                throw Failure(
                    400,
                    [Message(.propertyValueFormatError, name, "UserName", about: ["#/UserName"])]
                )
            }
            let isTaken = service.bmc.inspect(\.accounts).contains { $0.name == name && $0.id != account.id }
            guard !isTaken else {
                throw Failure(
                    400,
                    [
                        Message(
                            .resourceAlreadyExists,
                            "ManagerAccount",
                            "UserName",
                            name,
                            about: ["#/UserName"]
                        )
                    ]
                )
            }
            new.name = name
        }
        if let password = changes["Password"]?.string {
            guard (1...Account.longestPassword).contains(password.utf8.count) else {
                // A password is not for a message.
                throw Failure(
                    400,
                    [Message(.propertyValueFormatError, "***", "Password", about: ["#/Password"])]
                )
            }
            new.password = password
        }
        if let role = changes["RoleId"]?.string.flatMap(Role.init) { new.limit = role.level }
        if let isEnabled = changes["Enabled"]?.bool { new.isEnabled = isEnabled }
        return new
    }

    private static func add(_ body: JSON.Object, _ scope: Scope) throws(Failure) -> Answer {
        var new = try changed(Account(name: "", password: ""), body, scope.service)
        guard let id = scope.service.bmc.change({ bmc, _, _ in (bmc.add(new), []) }) else {
            throw Failure(400, .createLimitReachedForResource)
        }
        new.id = id
        var shown = json(new)
        shown["@odata.id"] = .string("\(path)/Accounts/\(id)")
        shown["@odata.type"] = .string("#\(type)")
        shown["Id"] = .string("\(id)")
        return Answer(201, .json(.object(shown)), headers: ["Location": "\(path)/Accounts/\(id)"])
    }
}
