import Testing

@testable import IPMI

@Suite("Users")
struct UserTests {
    /// A command to set or test a password of sixteen bytes.
    private func password(_ id: UInt8, _ operation: UInt8, _ text: String, size: Int = 16) -> [UInt8] {
        let bytes = Array(text.utf8)
        let flag: UInt8 = size == 20 ? 0x80 : 0
        return [id | flag, operation] + bytes + [UInt8](repeating: 0, count: size - bytes.count)
    }

    private func name(_ id: UInt8, _ text: String) -> [UInt8] {
        [id] + Array(text.utf8) + [UInt8](repeating: 0, count: 16 - text.utf8.count)
    }

    @Test("are listed with their names and rights")
    func list() throws {
        let console = try Console.loggedIn()
        #expect(
            try console.command(0x06, 0x44, [0x0E, 0x02]).data
                == hex(
                    """
                    0F  # fifteen users
                    43  # enabled; three are
                    01  # one name is fixed
                    14  # IPMI messaging, administrator
                    """
                )
        )
        #expect(
            try console.command(0x06, 0x44, [0x0E, 0x01]).data == hex("0F 83 01 14"),
            "user 1 is disabled"
        )
        #expect(try console.command(0x06, 0x44, [0x0E, 0x05]).data == hex("0F 83 01 1F"), "no access")
        #expect(
            try console.command(0x06, 0x46, [0x03]).data
                == hex("6F 70 00 00 00 00 00 00 00 00 00 00 00 00 00 00")
        )
        #expect(try console.command(0x06, 0x46, [0x01]).data == [UInt8](repeating: 0, count: 16))
        for id: UInt8 in [0, 16, 63] {
            #expect(try console.command(0x06, 0x44, [0x0E, id]).completion == 0xCC)
            #expect(try console.command(0x06, 0x46, [id]).completion == 0xCC)
        }
    }

    @Test("are made by a name, a password, rights and being enabled, and log in then")
    func make() throws {
        let console = try Console.loggedIn()
        func logIn() throws -> UInt8 {
            let admin = console.link
            defer { console.link = admin }
            console.link = Console.Link(id: 1)
            return try console.logIn(.init(user: "ann", password: "pw", role: 0x13))
        }
        #expect(try console.command(0x06, 0x45, name(6, "ann")).completion == 0)
        #expect(try console.command(0x06, 0x47, password(6, 2, "pw")).completion == 0)
        #expect(try logIn() == SessionStatus.unauthorizedName.rawValue)
        #expect(try console.command(0x06, 0x47, [6, 1]).completion == 0)
        #expect(try logIn() == SessionStatus.unauthorizedName.rawValue)
        #expect(try console.command(0x06, 0x43, [0x91, 6, 0x03]).completion == 0)
        #expect(try logIn() == 0)
        #expect(try console.logIn15(.init(user: "ann", password: "pw", level: 3)).completion == 0)
        #expect(try console.logIn15(.init(user: "ann", password: "pw", level: 4)).completion == 0x86)
        #expect(try console.command(0x06, 0x43, [0x81, 6, 0x03]).completion == 0, "no IPMI messaging")
        #expect(try logIn() == SessionStatus.unauthorizedName.rawValue)
        #expect(try console.logIn15(.init(user: "ann", password: "pw")).completion == 0x81)
    }

    @Test("have passwords that can be tested, in the size in which they are kept")
    func passwords() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x47, password(2, 3, "secret")).completion == 0)
        #expect(try console.command(0x06, 0x47, password(2, 3, "Secret")).completion == 0x80)
        #expect(try console.command(0x06, 0x47, password(2, 3, "secret", size: 20)).completion == 0x81)
        #expect(try console.command(0x06, 0x47, password(2, 2, "secret", size: 20)).completion == 0)
        #expect(try console.command(0x06, 0x47, password(2, 3, "secret")).completion == 0x81)
        #expect(try console.command(0x06, 0x47, password(2, 3, "secret", size: 20)).completion == 0)
        #expect(try console.challenge15().completion == 0x81, "twenty bytes are of no use in v1.5")
        #expect(try console.logIn() == 0)
        #expect(try console.raise().completion == 0)
        #expect(try console.command(0x06, 0x47, [2, 2]).completion == 0xC7)
        #expect(try console.command(0x06, 0x47, [2, 3]).completion == 0xC7)
        #expect(try console.command(0x06, 0x47, [0, 1]).completion == 0xCC)
    }

    @Test("lose their sessions when they are disabled or removed, and the answer still comes")
    func removal() throws {
        let ways: [(UInt8, [UInt8])] = [
            (0x47, [2, 0]), (0x45, name(2, "")), (0x43, [0x01, 2, 0x0F]), (0x43, [0x81, 2, 0x04]),
        ]
        for (code, data) in ways {
            let console = try Console.loggedIn()
            #expect(try console.command(0x06, code, data).completion == 0)
            #expect(console.send(try console.packet(0x06, 0x01)) == [.drop(.unknownSession)])
            #expect(console.bmc.sessions.sessions.isEmpty)
        }
    }

    @Test("sink to their new limit at once")
    func limits() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x43, [0x01, 2, 0x02]).completion == 0)
        #expect(try console.command(0x06, 0x3B, [0x00]).data == [0x02])
        #expect(try console.raise().completion == 0x81)
        #expect(try console.command(0x00, 0x02, [0x00]).completion == 0xD4)
    }

    @Test("have as many sessions at a time as they may")
    func sessionLimit() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x43, [0x01, 3, 0x03, 0x01]).completion == 0)
        #expect(try console.logIn15(.init(user: "op", password: "op", level: 3)).completion == 0)
        #expect(try console.logIn15(.init(user: "op", password: "op", level: 3)).completion == 0x82)
        let status = try console.logIn(.init(user: "op", password: "op", role: 0x13))
        #expect(status == SessionStatus.insufficientResources.rawValue)
    }

    @Test("number 1 has no name, and logs in without one once it is switched on")
    func unnamed() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x45, name(1, "x")).completion == 0xCC)
        #expect(try console.command(0x06, 0x47, [1, 1]).completion == 0)
        #expect(try console.outside(0x38, [0x0E, 0x04]).data[2] == 0x05, "no password either: anonymous")
        #expect(try console.command(0x06, 0x47, password(1, 2, "pw")).completion == 0)
        #expect(try console.outside(0x38, [0x0E, 0x04]).data[2] == 0x06)
        #expect(try console.logIn15(.init(user: "", password: "pw")).completion == 0)
        #expect(try console.logIn(.init(user: "", password: "pw")) == 0)
    }

    @Test("restricted to callback do nothing else")
    func callback() throws {
        let console = try Console.loggedIn()
        #expect(try console.command(0x06, 0x43, [0xD1, 3, 0x03]).completion == 0)
        #expect(try console.logIn(.init(user: "op", password: "op", role: 0x13)) == 0x0A)
        #expect(try console.logIn(.init(user: "op", password: "op", role: 0x11)) == 0)
        #expect(try console.command(0x06, 0x01).completion == 0xD4)
    }

    @Test("are added, changed and removed for another protocol too")
    func accounts() throws {
        let console = try Console.loggedIn()
        #expect(console.bmc.accounts.map(\.name) == ["root", "op", "guest"])
        #expect(console.bmc.accounts.map(\.id) == [2, 3, 4])
        #expect(console.bmc.account(named: "op", password: "op")?.limit == .operator)
        #expect(console.bmc.account(named: "op", password: "o") == nil)
        #expect(console.bmc.account(named: "", password: "") == nil)
        let added = console.bmc.add(Account(name: "ann", password: "pw", limit: .user))
        let id = try #require(added)
        #expect(id == 5)
        #expect(try console.logIn(.init(user: "ann", password: "pw", role: 0x12)) == 0)
        var ann = try #require(console.bmc.accounts.first { $0.id == id })
        ann.isEnabled = false
        let changed = console.bmc.change(ann)
        #expect(changed)
        #expect(console.send(try console.packet(0x06, 0x01)) == [.drop(.unknownSession)])
        #expect(console.bmc.account(named: "ann", password: "pw") == nil)
        let removed = console.bmc.removeAccount(id)
        let removedAgain = console.bmc.removeAccount(id)
        #expect(removed && !removedAgain)
        let names = (0..<20).compactMap { console.bmc.add(Account(name: "user\($0)", password: "")) }
        #expect(names == Array(5...15))
        let tooLong = console.bmc.add(Account(name: "seventeen letters", password: ""))
        #expect(tooLong == nil)
    }
}
