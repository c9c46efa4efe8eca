import Testing

@testable import IPMI

@Suite("The trace of a BMC")
struct TraceTests {
    private static func reports(_ actions: [Action]) -> [Report] {
        actions.compactMap { if case .report(let report) = $0 { report } else { nil } }
    }

    @Test(
        "says in words what is asked",
        arguments: [
            (0x00, 0x02, [0x03], "hard reset"), (0x00, 0x01, [], nil),
            (0x00, 0x08, [0x05, 0xA0, 0x04, 0, 0, 0], "boot device pxe, once, EFI"),
            (0x00, 0x08, [0x05, 0xC0, 0x08, 0, 0, 0], "boot device disk, always"),
            (0x00, 0x08, [0x05, 0x00, 0x04, 0, 0, 0], "boot flags: not valid"),
            (0x00, 0x08, [0x03, 0x08], "valid-bit clearing: 08"),
            (0x00, 0x09, [0x05, 0x00, 0x00], "parameter boot flags"), (0x00, 0x04, [0x1E], "for 30 s"),
            (0x06, 0x3B, [0x04], "administrator"), (0x06, 0x38, [0x8E, 0x04], "v2.0 too, as administrator"),
            (0x0A, 0x11, [0x00, 0x10, 0x00, 0x08], "device 0, 8 bytes at 16"),
            (0x0A, 0x43, [0, 0, 0xFF, 0xFF, 0, 0xFF], "record last"),
            (0x0C, 0x01, [0x01, 0x03, 10, 0, 0, 7], "parameter IP address: 10.0.0.7"),
            (0x04, 0x2D, [0x07], "sensor 7"), (0x2C, 0x3E, [0xDC, 0x01], "dc 01"),
            (0x00, 0x08, [0x05], "boot flags, mark only"),
        ] as [(UInt8, UInt8, [UInt8], String?)]
    )
    func asked(function: UInt8, code: UInt8, data: [UInt8], words: String?) {
        #expect(Wording(Request(function: function, code: code, data: data)).asked == words)
    }

    @Test(
        "says in words what is answered",
        arguments: [
            (
                0x00, 0x01, [0x21, 0x10, 0x40],
                "power on, as before when power returns, last powered on by a command"
            ),
            (0x00, 0x09, [0x01, 0x05, 0x80, 0x04, 0, 0, 0], "boot device pxe, once"),
            (0x06, 0x04, [0x57, 0x01], "failed: 01"),
            (0x06, 0x54, [1, 0xC0, 17, 3, 0x44, 0x81], "suites 17"),
            (0x0A, 0x40, [0x51, 2, 0, 0x10, 0], "2 records, 16 bytes free"), (0x30, 0x70, [1, 255], "01 ff"),
        ] as [(UInt8, UInt8, [UInt8], String?)]
    )
    func answered(function: UInt8, code: UInt8, data: [UInt8], words: String?) {
        #expect(Wording(Request(function: function, code: code)).answered(data) == words)
    }

    @Test("survives requests and answers of any length, to any command")
    func anything() {
        var random = Seeded(5)
        for function in stride(from: UInt8(0), through: 0x2E, by: 2) {
            for code in UInt8(0)...0x6F {
                for length in 0...18 {
                    let data = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                    let wording = Wording(Request(function: function, code: code, data: data))
                    #expect((wording.asked == nil) == data.isEmpty)
                    #expect((wording.answered(data) == nil) == data.isEmpty)
                }
            }
        }
    }

    @Test("tells of a session from its begin to its end, with user, session and privilege")
    func session() throws {
        let console = Console()
        var told: [Report] = []
        let opened = try Console.payload(console.send(console.openSession()))
        console.link.managedID = Console.managedID(opened)
        let exchange = console.exchange(
            Console.LogIn(),
            try Console.payload(console.send(console.rakp1()))
        )
        told += Self.reports(console.send(console.rakp3(exchange.consoleProof)))
        // The same again opens nothing again.
        told += Self.reports(console.send(console.rakp3(exchange.consoleProof)))
        console.link.cipher = SessionCipher(exchange, exchange.sessionIntegrityKey)
        told += Self.reports(console.send(try console.packet(0x06, 0x3B, [4])))
        told += Self.reports(console.send(try console.packet(0x06, 0x3C, [0, 0, 0, 0])))
        #expect(told.map(\.command) == ["opened", "Set Session Privilege Level", "Close Session"])
        #expect(told.allSatisfy { $0.user == "root" && $0.session == console.link.managedID })
        #expect(told.map(\.privilege) == [.user, .administrator, .administrator])
        #expect(told[0].asked == "3" && told[1].completion == "0x00 success")
    }

    @Test("tells who was refused and why, and who fell silent")
    func refused() throws {
        let console = Console()
        var logIn = Console.LogIn()
        logIn.user = "nobody"
        console.link.managedID = Console.managedID(try Console.payload(console.send(console.openSession())))
        let refusal = Self.reports(console.send(console.rakp1(logIn)))
        #expect(refusal.map(\.command) == ["refused"] && refusal.map(\.user) == ["nobody"])
        #expect(refusal.map(\.asked) == ["unauthorized name"])
        #expect(try console.logIn() == 0)
        console.now += .seconds(3600)
        #expect(Self.reports(console.bmc.advance(to: console.now)).map(\.command) == ["expired"])
    }

    @Test("tells why a console gave up at the BMC's proof")
    func givenUp() throws {
        let console = Console()
        console.link.managedID = Console.managedID(try Console.payload(console.send(console.openSession())))
        _ = console.send(console.rakp1())
        let report = Self.reports(console.send(console.rakp3([], status: 0x0F)))
        #expect(report.map(\.asked) == ["wrong password"] && report.map(\.user) == ["root"])
    }

    @Test("tells how long the machine took, and which misbehaviour bit")
    func took() throws {
        let console = try Console.loggedIn()
        try console.misbehave("duplicate")
        let (_, ticket) = try #require(Console.work(console.send(try console.packet(0x00, 0x02, [3]))))
        console.now += .seconds(2)
        let report = Self.reports(console.bmc.complete(ticket, .success, at: console.now))
        #expect(report.map(\.took) == [.seconds(2)] && report.map(\.bites) == [["duplicate"]])
    }

    @Test("is not made for nobody")
    func untraced() throws {
        let console = try Console.loggedIn()
        console.bmc.isTraced = false
        #expect(Self.reports(console.send(try console.packet(0x00, 0x01))).isEmpty)
        #expect(Self.reports(console.send(try console.packet(0x06, 0x3C, [0, 0, 0, 0]))).isEmpty)
    }
}
