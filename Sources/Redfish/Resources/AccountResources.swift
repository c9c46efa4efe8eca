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
        "v1/AccountService/Accounts": .collection("ManagerAccountCollection", "Accounts Collection") {
            scope in
            scope.service.bmc.inspect(\.accounts).map { "\($0.id)" }
        },
        "v1/AccountService/Accounts/{account}": Resource(
            type: "ManagerAccount.v1_12_0.ManagerAccount",
            read: { scope throws(Failure) in
                let id = scope.id("account")
                guard let account = scope.service.bmc.inspect(\.accounts).first(where: { "\($0.id)" == id })
                else { throw scope.notFound }
                let role = Role(account.limit).rawValue
                return [
                    "Name": "User Account", "UserName": .string(account.name), "Password": nil,
                    "RoleId": .string(role), "Enabled": .bool(account.isEnabled), "Locked": false,
                    "AccountTypes": ["Redfish", "IPMI"],
                    "Links": ["Role": .link("\(path)/Roles/\(role)")],
                ]
            }
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
}
