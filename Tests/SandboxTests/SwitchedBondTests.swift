import LACP
import LabModel
import Testing

@testable import Sandbox

@Suite("A bond at its switch")
struct SwitchedBondTests {
    private static func plan(_ lacp: Bond.LACPRate?) -> BondPlan {
        let ports = ["eth1", "eth2"].map { BondPlan.Port(nic: $0, name: "ctl01-\($0)") }
        return BondPlan(node: "ctl01", name: "bond0", ports: ports, lacp: lacp)
    }

    private func events(_ actions: [SwitchedBond.Action]) -> [String] {
        actions.compactMap { action in
            if case .tell(let event) = action { "\(event.event) \(event.details["nic"] ?? "")" } else { nil }
        }
    }

    private func floods(_ actions: [SwitchedBond.Action]) -> [SwitchedBond.Action] {
        actions.filter { if case .flood = $0 { true } else { false } }
    }

    @Test("without LACP is one link as soon as both are plugged in, and one port has what goes to all")
    func plain() {
        var bond = SwitchedBond(Self.plan(nil), key: 1, firstPort: 1)
        #expect(bond.plug(1, true, at: .zero) == [.flood(true, port: 1, forgetting: false)])
        #expect(
            floods(bond.plug(0, true, at: .zero)) == [
                .flood(true, port: 0, forgetting: false), .flood(false, port: 1, forgetting: false),
            ]
        )
        #expect(bond.deadline == nil)
        let moved = bond.plug(0, false, at: .seconds(1))
        #expect(floods(moved) == [.flood(true, port: 1, forgetting: false)])
        #expect(events(moved) == ["bond.moved eth2"])
        #expect(
            floods(bond.plug(0, true, at: .seconds(2))) == [
                .flood(true, port: 0, forgetting: false), .flood(false, port: 1, forgetting: false),
            ]
        )
        #expect(bond.plug(0, true, at: .seconds(3)) == [], "it is plugged in already")
        #expect(bond.reset(at: .seconds(4)) == [], "it asks nobody, so it forgets nothing")
    }

    @Test("a port that was down while it did not flood, floods again when it is the only one")
    func onlyDown() {
        var bond = SwitchedBond(Self.plan(.fast), key: 1, firstPort: 1)
        for port in 0...1 { _ = bond.plug(port, true, at: .zero) }
        for port in 0...1 { _ = bond.plug(port, false, at: .seconds(1)) }
        // The kernel keeps what was set on a port that is only down.
        let back = bond.plug(1, true, at: .seconds(2))
        #expect(floods(back) == [.flood(true, port: 1, forgetting: false)])
    }

    @Test("with LACP is two ports by themselves until the node speaks it, and then one link")
    func speaking() throws {
        var bond = SwitchedBond(Self.plan(.fast), key: 1, firstPort: 1)
        var node = LinkAggregation(
            system: MACAddress(bits: 0x52_54_00_00_00_01),
            key: 15,
            ports: [1, 2],
            rate: .fast
        )
        var now = Duration.zero
        var seen: [SwitchedBond.Action] = []
        for port in 0...1 { seen += bond.plug(port, true, at: now) }
        #expect(
            floods(seen) == [0, 1].map { .flood(true, port: $0, forgetting: false) } && seen.count > 2,
            "it asks, and floods to both"
        )
        for port in 0...1 { _ = node.handle(.linkUp, on: port, at: now) }
        // Both talk, for a while or until one falls silent.
        func talk(for time: Duration, nodeSpeaks: (Int) -> Bool) -> [SwitchedBond.Action] {
            var all: [SwitchedBond.Action] = []
            let end = now + time
            while now < end {
                now += .milliseconds(100)
                var toNode: [(LACPDU, Int)] = []
                let spoken = bond.advance(to: now)
                all += spoken
                for action in spoken {
                    if case .send(let message, let port) = action { toNode.append((message, port)) }
                }
                var answers = node.advance(to: now)
                for (message, port) in toNode {
                    answers += node.handle(.received(message), on: port, at: now)
                }
                for case .send(let message, let port) in answers where nodeSpeaks(port) {
                    let said = bond.receive(message, on: port, at: now)
                    all += said
                    for case .send(let reply, let place) in said {
                        _ = node.handle(.received(reply), on: place, at: now)
                    }
                }
            }
            return all
        }
        let up = talk(for: .seconds(6)) { _ in true }
        #expect(events(up) == ["lacp.up eth1", "lacp.up eth2"])
        #expect(floods(up) == [.flood(false, port: 1, forgetting: false)])
        let lost = talk(for: .seconds(6)) { $0 != 0 }
        #expect(events(lost) == ["lacp.lost eth1", "bond.moved eth2"])
        // What was learnt behind the silent port is forgotten: the node is behind the other one now.
        #expect(
            Set(floods(lost)) == [
                .flood(false, port: 0, forgetting: true), .flood(true, port: 1, forgetting: false),
            ]
        )
        let back = talk(for: .seconds(6)) { _ in true }
        #expect(events(back) == ["lacp.up eth1", "bond.moved eth1"])
        let reset = bond.reset(at: now)
        #expect(events(reset) == ["lacp.lost eth1", "lacp.lost eth2"])
        #expect(
            Set(floods(reset)) == [
                .flood(true, port: 0, forgetting: true), .flood(true, port: 1, forgetting: true),
            ],
            "each is a port by itself, for the firmware to boot from"
        )
        #expect(events(talk(for: .seconds(6)) { _ in true }) == ["lacp.up eth1", "lacp.up eth2"])
        let gone = talk(for: .seconds(8)) { _ in false }
        #expect(
            Set(floods(gone)).contains(.flood(true, port: 1, forgetting: true)),
            "each is a port by itself again"
        )
        for port in 0...1 { _ = bond.plug(port, false, at: now) }
        #expect(bond.deadline == nil, "nothing is plugged in, and nothing wakes anybody")
    }
}

@Suite("A message of rtnetlink")
struct LinkSocketTests {
    /// `struct nlmsghdr`, `struct ifinfomsg` and two attributes: the name n1-eth0, the bridge 5.
    private static func message(kind: UInt8, family: UInt8 = 0, flags: [UInt8], master: UInt8 = 5) -> [UInt8]
    {
        [52, 0, 0, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]  // Length, type, flags, sequence, process.
            + [family, 0, 1, 0, 7, 0, 0, 0] + flags + [0, 0, 0, 0]  // Family, type, index, flags, change.
            + [12, 0, 3, 0, 0x6e, 0x31, 0x2d, 0x65, 0x74, 0x68, 0x30, 0]  // IFLA_IFNAME.
            + [8, 0, 10, 0, master, 0, 0, 0]  // IFLA_MASTER.
    }
    /// IFF_UP, IFF_BROADCAST, IFF_RUNNING, IFF_MULTICAST and IFF_LOWER_UP.
    private static let plugged: [UInt8] = [0x43, 0x10, 0x01, 0x00]
    private static let unplugged: [UInt8] = [0x03, 0x10, 0x00, 0x00]

    @Test("tells which port is plugged into a bridge")
    func links() {
        let all =
            Self.message(kind: 16, flags: Self.plugged) + Self.message(kind: 16, flags: Self.unplugged)
            + Self.message(kind: 16, flags: Self.plugged, master: 0)
            + Self.message(kind: 17, flags: Self.plugged)
        let found = LinkSocket.links(in: all[...])
        #expect(found.map(\.isPluggedIn) == [true, false, false, false])
        #expect(Set(found.map(\.name)) == ["n1-eth0"])
    }

    @Test("of the bridges' own family, or cut off anywhere, tells nothing wrong")
    func others() {
        #expect(LinkSocket.links(in: Self.message(kind: 17, family: 7, flags: Self.plugged)[...]) == [])
        let whole = Self.message(kind: 16, flags: Self.plugged)
        for length in 0..<whole.count { #expect(LinkSocket.links(in: whole[..<length]) == []) }
        var endless = whole
        (endless[32], endless[33]) = (0, 0)
        #expect(LinkSocket.links(in: endless[...]) == [])
    }
}
