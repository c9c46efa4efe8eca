import ArgumentParser
import Certificates
import Foundation
import Gateway
import LabModel
import Synchronization
import Testing

@testable import VlabCommands

@Suite("vlab net")
struct NetTests {
    private func rule(_ line: String) throws -> Rule {
        let words = ["pod1", "break"] + line.split(separator: " ").map(String.init)
        let show = try NetShow.parse(words)
        return try show.breakage.rule(Array(show.words.dropFirst()), show.traffic)
    }

    @Test("breaks what its options say")
    func order() throws {
        let rule = try rule(
            "http.stall at=40% hold=3s --host mirror-* --url **/disk.img --port 80 --method get,HEAD "
                + "--node ctl01,cmp01 --node 10.20.0.1 --first 2 --per-client --id slow"
        )
        #expect(rule.kind == "http.stall" && rule.id == "slow")
        #expect(rule.arguments == ["at": "40%", "hold": "3s"])
        #expect(rule.occurrence == .first(2, perClient: true))
        #expect(
            rule.match
                == Match(
                    host: "mirror-*",
                    port: 80,
                    path: "**/disk.img",
                    methods: ["GET", "HEAD"],
                    clients: ["ctl01", "cmp01", "10.20.0.1"]
                )
        )
        #expect(try self.rule("dns.servfail").match == Match())
        #expect(try self.rule("dns.servfail --nth 3").occurrence == .nth(3, perClient: false))
        #expect(try self.rule("dns.servfail --every 5").occurrence == .every(5, perClient: false))
        guard case .probability(0.1, _) = try self.rule("dns.servfail --probability 10%").occurrence else {
            Issue.record("no probability")
            return
        }
    }

    @Test(
        "says what is wrong with an order, before it asks the lab",
        arguments: [
            ("break", "Say what: break KIND; vlab net kinds lists them."),
            ("break http.stll at=1", "There is no fault “http.stll”: did you mean “http.stall”?"),
            ("break http.stall", "http.stall needs “at”: where in the body"),
            ("break http.stall at=140%", "“140%” is no place in a body, as in 40% or 4M"),
            ("break http.stall 40%", "“40%” is not written as NAME=VALUE, as in at=40%."),
            ("break http.stall at=1 at=2", "“at” is said twice."),
            ("break http.stall at=1 --url x", "--url “x” matches nothing: a path starts with /; write **/x"),
            ("break http.stall at=1 --port 0", "--port must be 1 to 65535, not 0."),
            ("break dns.servfail --url /x", "dns.servfail cannot be chosen by --url, by --host, --node."),
            ("break ntp.unreachable --host x", "ntp.unreachable cannot be chosen by --host, only by --node."),
            ("break dns.servfail --first 1 --nth 2", "--first and --nth exclude each other."),
            ("break dns.servfail --every 0", "--every must be at least 1, not 0."),
            ("break dns.servfail --per-client", "--per-client says how --first, --nth or --every counts."),
            (
                "break dns.servfail --probability 0.1",
                "--probability “0.1” is not from above 0 to 100 %, as in 10%."
            ),
            ("break dns.servfail --host ~(", "--host: “~(” is no regular expression"),
            ("break dns.servfail --id a/b", "--id “a/b” has more than letters, digits, hyphens and dots."),
            ("uplink", "Say which way out: uplink none, cache, record or direct."),
            ("uplink out", "Say which way out: uplink none, cache, record or direct."),
            ("heal", "Say what: heal ID, or heal --all; vlab net pod1 shows the ids."),
            ("heal x --all", "Say what: heal ID, or heal --all"),
            (
                "brake http.stall",
                "“brake” is nothing that a gateway can be told: use one of: break, heal, uplink"
            ),
            ("break dns.servfail --follow", "--follow only looks; leave “break” away."),
            ("--first 2", "Say what is to be done: break KIND, or heal ID."),
            ("--node ctl01", "--node and --host choose what --follow shows, or what break befalls."),
        ]
    )
    func refused(line: String, words: String) throws {
        let error = #expect(throws: (any Error).self) {
            try NetShow.parse(["pod1"] + line.split(separator: " ").map(String.init))
        }
        let told = error.map { NetShow.fullMessage(for: $0) } ?? ""
        #expect(told.contains(words), "\(told)")
        #expect(error.map { NetShow.exitCode(for: $0) } == .validationFailure)
    }

    @Test("explains each kind, with an example that works", arguments: FaultCatalogue.forms.map(\.name))
    func kinds(name: String) throws {
        let row = NetKinds.Row(try #require(FaultCatalogue.forms.first { $0.name == name }))
        let text = NetKinds.explain(row)
        #expect(text.hasPrefix("\(name): ") && text.contains("  chosen by: "))
        for parameter in row.parameters {
            #expect(text.contains("  \(parameter.name): \(parameter.summary) ("))
        }
        let words = row.example.split(separator: " ").dropFirst(2).map(String.init)
        #expect(throws: Never.self) { try NetShow.parse(words) }
        let json = String(decoding: try JSONEncoder().encode(row), as: UTF8.self)
        #expect(json.contains(#""kind":"\#(name)""#))
    }

    // MARK: - Rules by hand

    private func quietGateway() throws -> Gateway {
        let authority = try CertificateAuthority(named: "test")
        return Gateway(GatewayConfiguration(authority: authority), events: { _ in })
    }

    private func byHand(_ gateway: Gateway) -> HandRules { HandRules(gateway: gateway) { _ in } }

    @Test("installs rules that never take the place of a scenario's, and heals only its own")
    func rulesByHand() async throws {
        let gateway = try quietGateway()
        let rules = byHand(gateway)
        try gateway.install(Rule(id: "slow", "dns.servfail"))
        #expect(try await rules.install(Rule(id: "", "dns.servfail")).id == "hand.1")
        #expect(try await rules.install(Rule(id: "slow", "dns.servfail")).id == "hand.slow")
        #expect(try await rules.install(Rule(id: "", "dns.servfail")).id == "hand.2")
        await #expect(throws: GatewayError.ruleExists(id: "hand.slow")) {
            try await rules.install(Rule(id: "hand.slow", "dns.servfail"))
        }
        #expect(try await rules.remove("1") == ["hand.1"])
        #expect(try await rules.install(Rule(id: "", "dns.servfail")).id == "hand.1", "free again")
        #expect(try await rules.remove(nil).sorted() == ["hand.1", "hand.2", "hand.slow"])
        #expect(try await rules.remove(nil) == [])
        #expect(gateway.installed.map(\.rule.id) == ["slow"])
        await #expect(throws: ControlError.self) { try await rules.remove("slow") }
        await #expect(throws: ControlError.self) { try await rules.remove("fast") }
    }

    @Test("shows rules and connections")
    func status() async throws {
        let gateway = try quietGateway()
        _ = try await byHand(gateway).install(
            Rule(
                id: "slow",
                "http.stall",
                ["at": "40%"],
                match: Match(host: "mirror-*", path: "**/disk.img", clients: ["ctl01"]),
                occurrence: .first(2, perClient: true)
            )
        )
        try gateway.install(Rule(id: "names", "dns.servfail"))
        var status = NetStatus(gateway, uplink: .none)
        status.connections = [
            OpenConnection(client: "ctl01", host: "a.org", port: 443, speaks: "tls", seconds: 3.2)
        ]
        #expect(
            NetTable.text(status) == """
                uplink: none

                RULE       KIND               WHERE                            HOW OFTEN                            BIT  BY
                hand.slow  http.stall at=40%  mirror-* **/disk.img from ctl01  the first 2 requests of each client  0×   hand
                names      dns.servfail       everywhere                       every look-up                        0×   scenario

                CLIENT  SERVER     SPEAKS  FOR
                ctl01   a.org:443  tls     3.2s
                """
        )
        let copy = try JSONDecoder().decode(NetStatus.self, from: try JSONEncoder().encode(status))
        #expect(NetTable.text(copy) == NetTable.text(status))
        let empty = NetStatus(try quietGateway(), uplink: .record)
        #expect(NetTable.text(empty) == "uplink: record\n\nnothing is broken\n\nno connection is open")
    }

    // MARK: - Following

    private func line(_ name: String, _ node: String?, _ details: LabEvent.Details) -> String? {
        let event = LabEvent(name, node: node, at: Date(timeIntervalSince1970: 0), details)
        return NetEvent(event).map { String(NetLine($0).text.dropFirst(9)) }
    }

    @Test("shows each request in columns, with what bit it")
    func lines() {
        let header = String(NetLine.header.dropFirst(9))
        #expect(header == "CLIENT     WHAT     RESULT         BYTES   FIRST    TOTAL SOURCE   SUBJECT")
        let served: LabEvent.Details = [
            "method": "GET", "status": "200", "bytes": "40", "total": "100", "firstByte": "0.004",
            "seconds": "12.5",
            "source": "origin", "url": "http://a.test/x", "outcome": "client left", "faults": "hand.1",
            "client": "10.20.0.50", "host": "a.test", "range": "bytes=5-",
        ]
        #expect(
            line("http.served", "ctl01", served)
                == "ctl01      GET      200               40   0.004     12.5 origin   "
                + "http://a.test/x (bytes=5-), client left at 40 of 100  ← hand.1"
        )
        #expect(
            line(
                "dns.answered",
                nil,
                [
                    "name": "a.org", "type": "A", "code": "NOERROR", "address": "198.18.1.2",
                    "client": "10.20.0.1",
                ]
            )
                == "10.20.0.1  DNS A    NOERROR                                        a.org = 198.18.1.2"
        )
        #expect(
            line("ntp.dropped", "ctl01", ["client": "x", "faults": "no-time"])
                == "ctl01      NTP      dropped                                          ← no-time"
        )
        #expect(
            line(
                "tcp.refused",
                "ctl01",
                ["name": "a.org", "port": "22", "reason": "no uplink", "client": "x"]
            )
                == "ctl01      TCP      refused                                        a.org:22 reason=no uplink"
        )
        #expect(
            line(
                "fault.applied",
                "ctl01",
                ["fault": "hand.1", "kind": "http.stall", "count": "1", "at": "40", "client": "x"]
            )
                == "ctl01      fault    bites                                          hand.1 http.stall at=40"
        )
        #expect(line("fault.applied", "ctl01", ["fault": "f", "kind": "bmc.slow"]) == nil)
        #expect(line("power.on", "ctl01", [:]) == nil)
    }

    @Test("follows whom and what it is told")
    func filter() throws {
        let event = try #require(
            NetEvent(LabEvent("http.served", node: "ctl01", ["client": "10.0.0.1", "host": "a.test"]))
        )
        #expect(
            event.isOf([]) && event.isOf(["ctl01", "cmp01"]) && event.isOf(["10.0.0.1"])
                && !event.isOf(["cmp01"])
        )
        #expect(event.isAbout(nil) && event.isAbout("*.test") && !event.isAbout("b.*"))
        let name = try #require(NetEvent(LabEvent("dns.answered", ["name": "b.org"])))
        #expect(name.isAbout("b.*") && !name.isOf(["ctl01"]))
        let fault = try #require(
            NetEvent(LabEvent("fault.applied", ["kind": "http.stall", "url": "http://c.org:80/x"]))
        )
        #expect(fault.isAbout("c.org"))
        #expect(try #require(NetEvent(LabEvent("ntp.answered"))).isAbout("*") == false)
    }
}
