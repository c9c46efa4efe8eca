import Testing

@testable import IPMI

@Suite("A BMC that misbehaves")
struct MisbehaviourTests {
    // MARK: Datagrams

    @Test("unreachable, answers nothing, and again once it behaves")
    func unreachable() throws {
        let console = try Console.misbehaving("unreachable")
        let actions = console.send(try console.packet(0x00, 0x01))
        #expect(Console.answer(actions) == nil)
        #expect(actions == [.bit(Bite(kind: "unreachable", author: .hand, count: 1, client: console.client))])
        #expect(console.send(PresencePing(tag: 1).encoded).count == 1)
        #expect(console.bmc.misbehaviours.map(\.bites) == [2])
        console.bmc.behave(by: .hand)
        #expect(try console.command(0x00, 0x01).completion == 0)
        #expect(console.bmc.misbehaviours.isEmpty)
    }

    @Test("slow, answers when the delay is over and not before")
    func slow() throws {
        let console = try Console.misbehaving("slow", ["delay": "2s"])
        #expect(Console.answer(console.send(try console.packet(0x00, 0x01))) == nil)
        #expect(console.bmc.nextDeadline == console.now + .seconds(2))
        console.now += .milliseconds(1999)
        #expect(Console.answer(console.bmc.advance(to: console.now)) == nil)
        console.now += .milliseconds(1)
        #expect(try console.read(console.bmc.advance(to: console.now)).completion == 0)
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
    }

    @Test("that was slow when it began to behave, still sends what is late")
    func slowNoMore() throws {
        let console = try Console.misbehaving("slow", ["delay": "2s"])
        _ = console.send(try console.packet(0x00, 0x01))
        console.bmc.behave(by: .hand)
        console.now += .seconds(2)
        #expect(try console.read(console.bmc.advance(to: console.now)).completion == 0)
        #expect(console.bmc.nextDeadline.map { $0 > console.now } ?? true)
    }

    @Test("that loses every third datagram, answers the others")
    func drop() throws {
        let console = try Console.misbehaving("drop", ["every": "3"])
        let answered = try (1...9).map { _ in
            Console.answer(console.send(try console.packet(0x00, 0x01))) != nil
        }
        #expect(answered == [true, true, false, true, true, false, true, true, false])
        #expect(console.bmc.misbehaviours.map(\.bites) == [3])
    }

    @Test("that sends each answer twice, sends the same twice")
    func duplicate() throws {
        let console = try Console.misbehaving("duplicate")
        var answers: [[UInt8]] = []
        for case .send(let bytes, _) in console.send(try console.packet(0x00, 0x01)) { answers.append(bytes) }
        #expect(answers.count == 2 && Set(answers).count == 1)
    }

    @Test("that hangs after three commands, answers three and then nobody")
    func hang() throws {
        let console = try Console.misbehaving("hang", ["after": "3"])
        for _ in 0..<3 { #expect(try console.command(0x00, 0x01).completion == 0) }
        #expect(Console.answer(console.send(try console.packet(0x00, 0x01))) == nil)
        console.client.port += 1
        #expect(Console.answer(console.send(console.openSession())) == nil)
    }

    @Test("that restarts, knows no session any more, and takes new ones after its time")
    func coldReset() throws {
        let console = try Console.misbehaving("cold-reset", ["offline": "30s"])
        #expect(Console.answer(console.send(console.openSession())) == nil)
        console.now += .seconds(30)
        #expect(Console.drop(console.send(try console.packet(0x00, 0x01))) == .unknownSession)
        #expect(try console.logIn() == 0)
    }

    // MARK: Log-in

    @Test("with another password, lets in who knows it, and only that one")
    func wrongPassword() throws {
        let console = try Console.misbehaving("wrong-password", ["password": "changed"], loggedIn: false)
        #expect(try console.logIn() == SessionStatus.invalidIntegrityCheckValue.rawValue)
        var logIn = Console.LogIn()
        logIn.password = "changed"
        #expect(try console.logIn(logIn) == 0)
        #expect(console.bmc.misbehaviours.map(\.bites) == [2])
        console.bmc.behave(by: .hand)
        #expect(try console.logIn() == 0)
    }

    @Test("without room for a session, says so, and keeps those who are in")
    func noSessions() throws {
        let console = try Console.misbehaving("no-sessions")
        #expect(try console.command(0x00, 0x01).completion == 0)
        let other = try Console.payload(console.send(console.openSession(tag: 9)))
        #expect(other[0] == 9 && other[1] == SessionStatus.insufficientResources.rawValue)
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
        #expect(try console.logIn15().completion == 0x81, "v1.5: no session slot available (IPMI 2.0 §22.17)")
        #expect(console.bmc.misbehaviours.map(\.bites) == [2])
        console.bmc.behave(by: .hand)
        #expect(try console.logIn15().completion == 0)
    }

    @Test("with one cipher suite, lists it, takes it, and refuses the other")
    func onlySuite() throws {
        let console = try Console.misbehaving("only-suite", ["suite": "17"], loggedIn: false)
        #expect(try console.logIn() != 0)
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
        var logIn = Console.LogIn()
        logIn.suite = .sha256SignedEncrypted
        #expect(try console.logIn(logIn) == 0)
        #expect(try console.command(0x06, 0x54, [0x0E, 0x00, 0x80]).data == [1, 0xC0, 17, 3, 0x44, 0x81])
    }

    @Test("of the last century, does not answer to v2.0, and says beforehand that it does not speak it")
    func onlyVersion15() throws {
        let console = try Console.misbehaving("only-v1.5", loggedIn: false)
        #expect(Console.answer(console.send(console.openSession())) == nil)
        let question = Request(function: 0x06, code: 0x38, data: [0x8E, 0x04])
        let answer = try #require(
            Console.answer(console.send(V15Packet(payload: question.encoded).encoded))
        )
        // The data of the answer begin after 14 bytes of headers, 6 of the message and the completion code.
        #expect(answer[22] & 0x80 == 0 && answer[24] == 0)
        #expect(try console.logIn15().completion == 0, "v1.5 goes on")
    }

    // MARK: Boot

    @Test("that ignores boot devices, says yes, and leaves the machine alone")
    func bootDeviceIgnored() throws {
        let console = try Console.misbehaving("bootdev-ignored")
        let actions = console.send(try console.packet(0x00, 0x08, [5, 0x80, 0x04, 0, 0, 0]))
        #expect(try console.read(actions).completion == 0)
        #expect(!actions.contains { if case .perform = $0 { true } else { false } })
        #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
    }

    @Test("that forgets boot devices early, forgets them early and no earlier")
    func bootExpires() throws {
        let console = try Console.misbehaving("boot-expires", ["after": "5s"])
        try console.setBoot([0x80, 0x04, 0, 0, 0])
        console.now += .seconds(4)
        #expect(!console.bmc.advance(to: console.now).contains(.forgetBoot))
        console.now += .seconds(1)
        #expect(console.bmc.advance(to: console.now).contains(.forgetBoot))
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
    }

    @Test("that never forgets a boot device, boots from it after an hour")
    func bootNeverExpires() throws {
        let console = try Console.misbehaving("boot-never-expires")
        try console.setBoot([0x80, 0x04, 0, 0, 0])
        console.now += .seconds(3600)
        _ = console.bmc.advance(to: console.now)
        #expect(console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network))
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
    }

    @Test("that keeps a boot device that was set for once, boots from it for ever")
    func bootSticks() throws {
        let console = try Console.misbehaving("boot-sticks")
        try console.setBoot([0x80, 0x04, 0, 0, 0])
        for _ in 0..<3 {
            #expect(
                console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network, persistent: true)
            )
        }
    }

    @Test("that keeps no boot device for good, boots from it once")
    func bootOnce() throws {
        let console = try Console.misbehaving("boot-once")
        try console.setBoot([0xC0, 0x04, 0, 0, 0])
        #expect(console.bmc.boots(.chassisControl, at: console.now) == BootFlags(.network))
        #expect(console.bmc.boots(.chassisControl, at: console.now) == nil)
    }

    // MARK: Power

    @Test("that cycles slowly, has the machine off meanwhile and on in the end")
    func cycleSlow() throws {
        let console = try Console.misbehaving("cycle-slow", ["off": "15s"])
        let actions = console.send(try console.packet(0x00, 0x02, [0x02]))
        let (operation, ticket) = try #require(Console.work(actions))
        #expect(operation == .control(.powerDown))
        #expect(try console.read(console.bmc.complete(ticket, .success, at: console.now)).completion == 0)
        console.isPowered = false
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 0)
        console.now += .seconds(15)
        #expect(Console.work(console.bmc.advance(to: console.now))?.0 == .control(.powerUp))
        #expect(Console.work(console.bmc.advance(to: console.now)) == nil)
    }

    @Test("that cycles slowly, leaves a machine off that somebody powers off meanwhile")
    func cycleOvertaken() throws {
        let console = try Console.misbehaving("cycle-slow")
        #expect(try console.command(0x00, 0x02, [0x02]).completion == 0)
        #expect(try console.command(0x00, 0x02, [0x00]).completion == 0)
        console.now += .seconds(60)
        #expect(Console.work(console.bmc.advance(to: console.now)) == nil)
    }

    @Test("whose power state is stale, reports the change late")
    func powerStale() throws {
        let console = try Console.misbehaving("power-stale", ["for": "10s"])
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 1)
        console.now += .seconds(1)
        console.isPowered = false
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 1)
        console.now += .seconds(9)
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 1)
        console.now += .seconds(1)
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 0)
        #expect(console.bmc.misbehaviours.map(\.bites) == [2])
    }

    @Test(
        "whose power state is stuck, reports it, and bites only where that is wrong",
        arguments: [true, false]
    )
    func powerStuck(isOn: Bool) throws {
        let console = try Console.misbehaving("power-stuck", ["state": isOn ? "on" : "off"])
        for power in [true, false] {
            console.isPowered = power
            #expect(try console.command(0x00, 0x01).data[0] & 1 == (isOn ? 1 : 0))
        }
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
        #expect(
            console.bmc.reportedPower(MachineState(isPowered: !isOn), at: console.now) == isOn
        )
    }

    @Test("that cannot power on twice, says so for a machine that is on alone")
    func onWhenOn() throws {
        let console = try Console.misbehaving("on-when-on-fails")
        #expect(try console.command(0x00, 0x02, [0x01]).completion == 0xD5)
        console.isPowered = false
        #expect(try console.command(0x00, 0x02, [0x01]).completion == 0)
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
    }

    @Test("that ignores soft power off, says yes and presses nothing")
    func softOff() throws {
        let console = try Console.misbehaving("soft-off-ignored")
        let actions = console.send(try console.packet(0x00, 0x02, [0x05]))
        #expect(try console.read(actions).completion == 0)
        #expect(Console.work(actions) == nil)
        #expect(Console.work(console.send(try console.packet(0x00, 0x02, [0x00])))?.0 == .control(.powerDown))
    }

    @Test("does to whoever else asks what it does to a session")
    func owner() throws {
        let console = try Console.misbehaving("soft-off-ignored")
        let machine = MachineState(isPowered: true)
        let (ticket, actions) = console.bmc.ask(.control(.softShutdown), at: console.now, machine: machine)
        #expect(actions.first == .settled(ticket, .success))
        #expect(Console.work(actions) == nil)
    }

    // MARK: All of them

    @Test("in two ways at once, does both, and heals from each by itself")
    func composed() throws {
        let console = try Console.misbehaving("power-stuck", ["state": "off"])
        try console.misbehave("slow", ["delay": "1s"], by: .fault("late"))
        #expect(Console.answer(console.send(try console.packet(0x00, 0x01))) == nil)
        console.now += .seconds(1)
        #expect(try console.read(console.bmc.advance(to: console.now)).data[0] & 1 == 0)
        console.bmc.behave(by: .fault("late"))
        #expect(try console.command(0x00, 0x01).data[0] & 1 == 0)
        #expect(console.bmc.misbehaviours.map(\.author) == [.hand])
        try console.misbehave("power-stuck", ["state": "on"])
        #expect(console.bmc.misbehaviours.map(\.misbehaviour) == [.powerStuck(isOn: true)])
    }

    @Test(
        "is read from what a person writes, and written so that it is read again",
        arguments: MisbehaviourForm.all.map(\.name)
    )
    func forms(name: String) throws {
        let misbehaviour = try Misbehaviour(name)
        let (kind, arguments) = misbehaviour.text
        #expect(kind == name)
        let form = try #require(MisbehaviourForm.named(name))
        #expect(arguments.map(\.name) == form.parameters.map(\.name))
        #expect(arguments.map(\.value) == form.parameters.map(\.usual))
        let again = Dictionary(uniqueKeysWithValues: arguments.map { ($0.name, $0.value) })
        #expect(try Misbehaviour(kind, again) == misbehaviour)
    }

    @Test(
        "is refused with what is wrong about it",
        arguments: [
            ("slo", [:], "there is no misbehaviour “slo”"),
            ("slow", ["dely": "2s"], "slow takes no “dely”: it takes delay"),
            ("unreachable", ["for": "2s"], "unreachable takes no “for”: it takes nothing"),
            (
                "slow", ["delay": "soon"],
                "slow: delay: “soon” is no time of at most an hour, as in 250ms, 3s or 2m"
            ),
            (
                "slow", ["delay": "2h"],
                "slow: delay: “2h” is no time of at most an hour, as in 250ms, 3s or 2m"
            ),
            ("drop", ["every": "0"], "drop: every: “0” is no number from 1 to 1000000, as in 3"),
            (
                "only-suite", ["suite": "4"],
                "only-suite: suite: there is no suite 4, as in 1, 2, 3, 15, 16 or 17"
            ),
            (
                "power-stuck", ["state": "maybe"],
                "power-stuck: state: “maybe” is none of its words, as in off, on"
            ),
        ] as [(String, [String: String], String)]
    )
    func refused(kind: String, arguments: [String: String], words: String) throws {
        let error = try #require(throws: MisbehaviourError.self) { try Misbehaviour(kind, arguments) }
        #expect(error.description == words)
    }
}
