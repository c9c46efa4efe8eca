import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("The lab's name server")
struct DNSTests {
    private let outside = OutsideNames()
    private var server: NameServer {
        NameServer(
            nodes: ["ctl01": IPv4Address(bits: 0x0A14_0032), "CMP02": IPv4Address(bits: 0x0A14_0034)],
            outside: outside
        )
    }

    /// `name` of class IN; an empty name is the root.
    private func query(
        _ name: String,
        _ type: UInt16,
        klass: UInt16 = 1,
        additional: String = ""
    ) throws -> DNSQuery {
        var buffer = hex("1234 0100 0001 0000 0000 \(additional.isEmpty ? "0000" : "0001")")
        for label in name.split(separator: ".") {
            buffer.writeInteger(UInt8(label.utf8.count))
            buffer.writeString(String(label))
        }
        buffer.writeInteger(0, as: UInt8.self)
        buffer.writeMultipleIntegers(type, klass)
        buffer.writeImmutableBuffer(hex(additional))
        return try DNSQuery(buffer)
    }

    @Test("answers byte for byte as RFC 1035 says, in the asker's case of letters")
    func wire() throws {
        let question = hex(
            """
            BEEF            # id
            0100            # a query, recursion desired
            0001 0000 0000 0001
            05 43 74 4C 30 31 00    # CtL01
            0001 0001       # A, IN
            00 0029 04D0 00 00 0000 0000    # OPT: 1232 bytes, version 0
            """
        )
        let read = try DNSQuery(question)
        #expect(read.text == "ctl01")
        #expect(read.extensionVersion == 0)
        let expected = hex(
            """
            BEEF
            8180            # an answer, recursion desired and available, NOERROR
            0001 0001 0000 0001
            05 43 74 4C 30 31 00
            0001 0001
            C00C 0001 0001  # the name at byte 12, A, IN
            0000000A 0004 0A140032  # 10 s, 10.20.0.50
            00 0029 04D0 00 00 0000 0000
            """
        )
        #expect(server.answer(to: read).bytes(to: read) == expected)
    }

    @Test(
        "says what each name is, and honestly what it is not",
        arguments: [
            ("ctl01", 1, "NOERROR", "10.20.0.50"), ("cmp02", 1, "NOERROR", "10.20.0.52"),
            ("ctl01", 255, "NOERROR", "10.20.0.50"), ("ctl01", 28, "NOERROR", nil),
            ("ctl01", 16, "NOERROR", nil),
            ("ctl02", 1, "NXDOMAIN", nil), ("localhost", 1, "NOERROR", "127.0.0.1"),
            ("printer.local", 1, "NXDOMAIN", nil),
            ("x.invalid", 1, "NXDOMAIN", nil), ("10.0.0.1", 1, "NXDOMAIN", nil),
            ("_http._tcp.packages.example.org", 33, "NXDOMAIN", nil),
            ("my_bucket.example.org", 16, "NOERROR", nil), ("_dmarc.example.org", 16, "NXDOMAIN", nil),
            ("packages.example.org", 16, "NOERROR", nil), ("localhost", 28, "NOERROR", "::1"),
            ("packages.example.org", 252, "NOTIMP", nil),
            ("", 2, "NXDOMAIN", nil),
            ("50.0.20.10.in-addr.arpa", 12, "NOERROR", "ctl01"),
            ("51.0.20.10.in-addr.arpa", 12, "NXDOMAIN", nil),
            ("x.in-addr.arpa", 12, "NXDOMAIN", nil), ("50.0.20.10.in-addr.arpa", 1, "NOERROR", nil),
        ] as [(String, UInt16, String, String?)]
    )
    func answers(name: String, type: UInt16, code: String, value: String?) throws {
        let answer = server.answer(to: try query(name, type))
        #expect(answer.code.text == code)
        let text = answer.records.first.map { record in
            switch record {
            case .address(let address): address.description
            case .pointer(let labels):
                labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
            }
        }
        #expect(text == value)
    }

    @Test("gives a name outside an address of its own, which leads back to the name")
    func outsideName() throws {
        guard
            case .address(.v4(let v4))? = server.answer(to: try query("Packages.Example.org", 1)).records
                .first,
            case .address(.v6(let v6))? = server.answer(to: try query("Packages.Example.org", 28)).records
                .first
        else {
            Issue.record("no address")
            return
        }
        #expect(OutsideNames.network.contains(v4) && OutsideNames.networkOfIPv6.contains(v6))
        #expect(outside.name(at: .v4(v4)) == "packages.example.org")
        #expect(outside.name(at: .v6(v6)) == "packages.example.org")
        let any = server.answer(to: try query("packages.example.org", 255))
        #expect(any.records == [.address(.v4(v4)), .address(.v6(v6))])
        let digits = v4.description.split(separator: ".").reversed().joined(separator: ".")
        let nibbles = v6.bytes.flatMap { [$0 >> 4, $0 & 0x0F] }.reversed()
            .map { String($0, radix: 16) }.joined(separator: ".")
        for reverse in ["\(digits).in-addr.arpa", "\(nibbles).ip6.arpa"] {
            let back = server.answer(to: try query(reverse, 12))
            #expect(back.records == [.pointer(["packages", "example", "org"].map { Array($0.utf8) })])
        }
        let (short, wrong) = (String(nibbles.dropFirst(2)), "g" + nibbles.dropFirst())
        for reverse in [short, wrong] {
            #expect(server.answer(to: try query("\(reverse).ip6.arpa", 12)).code == .nameError)
        }
    }

    @Test("gives a name outside an address of IPv6 byte for byte as RFC 3596 says")
    func wireOfIPv6() throws {
        let question = try query("mirror-a.vlab.test", 28)
        let expected = hex(
            """
            1234 8180 0001 0001 0000 0000
            08 6D6972726F722D61 04 766C6162 04 74657374 00  # mirror-a.vlab.test
            001C 0001       # AAAA, IN
            C00C 001C 0001 0000000A 0010
            20010002 00000000 00000000 C613B77C     # 2001:2::198.19.183.124
            """
        )
        #expect(server.answer(to: question).bytes(to: question) == expected)
    }

    @Test("refuses other classes, and other versions of EDNS with BADVERS")
    func refusals() throws {
        #expect(server.answer(to: try query("ctl01", 1, klass: 3)).code == .notImplemented)
        let newer = try query("ctl01", 1, additional: "00 0029 04D0 00 01 0000 0000")
        let bytes = server.answer(to: newer).bytes(to: newer)
        #expect(
            bytes.getBytes(at: bytes.writerIndex - 11, length: 11)
                == Array(hex("00 0029 04D0 01 00 0000 0000").readableBytesView)
        )
    }

    @Test(
        "is not brought down by any bytes",
        arguments: [
            ("", nil), ("BEEF 0100", nil), ("BEEF 8100 0001 0000 0000 0000 00 0001 0001", nil),
            ("BEEF 0100 0000 0000 0000 0000", 1), ("BEEF 0100 0002 0000 0000 0000 00 0001 0001", 1),
            ("BEEF 0100 0001 0000 0000 0000 05 4141", 1), ("BEEF 0100 0001 0000 0000 0000 C00C 0001 0001", 1),
            ("BEEF 0100 0001 0000 0000 FFFF 00 0001 0001", 1),
            ("BEEF 0100 0001 0000 0000 0001 00 0001 0001 00 0029 04D0 00000000 FFFF", 1),
            ("BEEF 2800 0001 0000 0000 0000 00 0006 0001", 4),
        ] as [(String, UInt16?)]
    )
    func malformed(bytes: String, code: UInt16?) {
        let events = EventLog()
        let reporter = Reporter(events: events.sink) { _ in nil }
        let service = DNSService(server: server, rules: RuleBook(reporter: reporter), reporter: reporter)
        let answer = service.answer(hex(bytes), from: .v4(IPv4Address(bits: 1)), over: .udp)?.bytes
        #expect(answer?.getInteger(at: 2, as: UInt16.self).map { $0 & 0x0F } == code)
        #expect(answer?.getInteger(at: 0, as: UInt16.self) == (code == nil ? nil : 0xBEEF))
        #expect(events.all.count == 1)
    }

    @Test("survives ten thousand broken packets", arguments: UInt64(0)..<4)
    func fuzz(seed: UInt64) throws {
        let reporter = Reporter(events: { _ in }) { _ in nil }
        let service = DNSService(server: server, rules: RuleBook(reporter: reporter), reporter: reporter)
        let good = Array(
            hex(
                "1234 0100 0001 0000 0000 0001 03 646562 06 64656269616E 03 6F7267 00 0001 0001 00 0029 04D0 00000000 0000"
            ).readableBytesView
        )
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random() -> Int {
            state ^= state << 13; state ^= state >> 7; state ^= state << 17
            return Int(state >> 33)
        }
        for _ in 0..<2500 {
            var bytes = good
            for _ in 0..<(1 + random() % 4) { bytes[random() % bytes.count] = UInt8(random() & 0xFF) }
            let answer = service.answer(
                ByteBuffer(bytes: bytes.prefix(random() % (bytes.count + 1))),
                from: .v4(IPv4Address(bits: 1)),
                over: .udp
            )?.bytes
            #expect((answer?.readableBytes ?? 12) >= 12)
        }
    }

    @Test("can be struck: silent for some, failing for others, counted")
    func rules() throws {
        let events = EventLog()
        let reporter = Reporter(events: events.sink) { _ in nil }
        let rules = RuleBook(reporter: reporter)
        func install(_ rule: Rule) throws {
            try rules.install(rule, FaultCatalogue.fault(rule.kind, rule.arguments))
        }
        let service = DNSService(server: server, rules: rules, reporter: reporter)
        let (mine, other) = (IPAddress.v4(IPv4Address(bits: 1)), IPAddress.v4(IPv4Address(bits: 2)))
        try install(
            Rule(
                id: "fail",
                "dns.servfail",
                match: Match(host: "*.debian.org", clients: ["\(mine)"]),
                occurrence: .first(1, perClient: true)
            )
        )
        try install(Rule(id: "mute", "dns.unreachable", match: Match(clients: ["\(other)"])))
        let packet = hex("1234 0100 0001 0000 0000 0000 03 646562 06 64656269616E 03 6F7267 00 0001 0001")
        func code(_ client: IPAddress) -> UInt16? {
            service.answer(packet, from: client, over: .udp)?.bytes.getInteger(at: 2, as: UInt16.self).map {
                $0 & 0x0F
            }
        }
        #expect(code(mine) == 2)
        #expect(code(mine) == 0)
        #expect(code(other) == nil)
        #expect(rules.remove("mute"))
        #expect(code(other) == 0)
        #expect(
            events.named("fault.applied").map { $0.details["kind"] } == ["dns.servfail", "dns.unreachable"]
        )
    }
}

@Suite("Names outside the lab")
struct OutsideNamesTests {
    @Test("have the same address in every run")
    func stable() {
        let names = ["mirror-a.vlab.test", "mirror-b.vlab.test", "packages.example.org", "pool.ntp.org"]
        let (one, two) = (OutsideNames(), OutsideNames())
        #expect(names.map { one.address(of: $0) } == names.reversed().map { two.address(of: $0) }.reversed())
        #expect(one.address(of: "mirror-a.vlab.test")?.description == "198.19.183.124")
    }

    @Test("never share one, never take the name server's, and are limited in number")
    func distinct() {
        let outside = OutsideNames()
        let addresses = (0..<OutsideNames.limit).compactMap { outside.address(of: "host\($0).example.org") }
        #expect(Set(addresses).count == OutsideNames.limit)
        #expect(addresses.allSatisfy { OutsideNames.network.contains($0) && $0.bits & 0x1FF00 != 0 })
        #expect(!addresses.contains(OutsideNames.nameServer))
        #expect(outside.address(of: "one.more.example.org") == nil)
        #expect(outside.address(of: "HOST7.example.org") == addresses[7])
        for (number, address) in addresses.enumerated()
        where outside.name(at: .v4(address)) != "host\(number).example.org" {
            Issue.record("\(address) is not host\(number)")
        }
    }
}
