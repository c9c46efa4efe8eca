import IPMI

/// What a role allows (DSP0266, redfish service operation-to-privilege mapping).
enum Privilege: String, CaseIterable {
    case login = "Login"
    case configureSelf = "ConfigureSelf"
    case configureComponents = "ConfigureComponents"
    case configureUsers = "ConfigureUsers"
    case configureManager = "ConfigureManager"
}

/// The standard's roles; each is a privilege level of IPMI.
enum Role: String, CaseIterable {
    case administrator = "Administrator"
    case `operator` = "Operator"
    case readOnly = "ReadOnly"
    case noAccess = "NoAccess"

    init(_ level: PrivilegeLevel) {
        self =
            switch level {
            case .administrator: .administrator
            case .operator: .operator
            case .user: .readOnly
            case .callback: .noAccess
            }
    }

    var level: PrivilegeLevel {
        switch self {
        case .administrator: .administrator
        case .operator: .operator
        case .readOnly: .user
        case .noAccess: .callback
        }
    }

    var privileges: [Privilege] {
        switch self {
        case .administrator: Privilege.allCases
        case .operator: [.login, .configureSelf, .configureComponents]
        case .readOnly: [.login, .configureSelf]
        case .noAccess: []
        }
    }
}

/// Who asks.
struct User: Hashable {
    var name: String
    var role: Role
    /// The session that the request is part of; nil for one that brings name and password.
    var session: String?

    func may(_ privilege: Privilege) -> Bool { role.privileges.contains(privilege) }
}
