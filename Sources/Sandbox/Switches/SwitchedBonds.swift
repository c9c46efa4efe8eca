import Glibc
import LACP
import LabModel

/// The switches' side of all bonds of a lab, on the ports that the nodes' machines are plugged into.
///
/// A port is there while its machine runs. No thread is woken but by what happens on these ports and by LACP's own timers.
package final class SwitchedBonds: Sendable {
    private let plans: [BondPlan]
    private let emit: EventSink
    /// A pair of sockets: the names of nodes that were reset go in at the one and come out at the other.
    private let (resets, mouth): (Int32, Int32)

    package init(_ plan: SandboxPlan, emit: @escaping EventSink) throws {
        (plans, self.emit) = (plan.bonds, emit)
        (resets, mouth) = try Descriptor.pair(SOCK_SEQPACKET, for: "resets")
    }

    deinit {
        close(resets)
        close(mouth)
    }

    /// A node was reset, which a switch of metal sees as links that are gone for a moment: it forgets who was there.
    ///
    /// A node that is powered off takes its ports along, which needs no word.
    package func noteReset(of node: String) {
        guard plans.contains(where: { $0.node == node }) else { return }
        Descriptor.write(mouth, Array(node.utf8))
    }

    /// Until cancelled; only in the sandbox.
    package func run() async throws {
        guard !plans.isEmpty else { return await Self.untilCancelled() }
        try await PollLoop.run("vlab.bonds") { [self] loop throws(SandboxError) in
            var ports = try LivePorts(plans, resets: resets, emit)
            while try ports.turn(loop) {}
        }
    }

    private static func untilCancelled() async {
        let (never, _) = AsyncStream<Never>.makeStream()
        for await _ in never {}
    }
}

/// The bonds with their sockets, confined to one thread.
private struct LivePorts: ~Copyable {
    private struct Place {
        var bond: Int
        var port: Int
    }

    private let emit: EventSink
    private var bonds: [SwitchedBond] = []
    private let links: LinkSocket
    private let resets: Int32
    private let places: [String: Place]
    private var sockets: [String: SocketHolder] = [:]
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private let began = ContinuousClock.now

    init(_ plans: [BondPlan], resets: Int32, _ emit: @escaping EventSink) throws(SandboxError) {
        (self.emit, self.resets) = (emit, resets)
        var places: [String: Place] = [:]
        for (index, plan) in plans.enumerated() {
            bonds.append(SwitchedBond(plan, key: UInt16(index + 1), firstPort: UInt16(places.count + 1)))
            for (port, item) in plan.ports.enumerated() { places[item.name] = Place(bond: index, port: port) }
        }
        self.places = places
        links = try LinkSocket()
    }

    private var now: Duration { ContinuousClock.now - began }

    /// Waits and deals with what has happened; false when the loop is to end.
    mutating func turn(_ loop: borrowing PollLoop) throws(SandboxError) -> Bool {
        let names = Array(sockets.keys)
        let descriptors = names.compactMap { sockets[$0]?.socket.descriptor }
        let deadline = bonds.compactMap(\.deadline).min()
        let ready = loop.wait(for: [links.descriptor, resets] + descriptors, until: deadline, now)
        guard let ready else { return false }
        if ready[0] { try followLinks() }
        for (name, isReady) in zip(names, ready.dropFirst(2)) where isReady { listen(at: name) }
        if ready[1] { followResets() }
        for index in bonds.indices { perform(bonds[index].advance(to: now), index) }
        return true
    }

    private mutating func followLinks() throws(SandboxError) {
        guard let changed = links.receive(&buffer) else { return links.askForAll() }
        for link in changed {
            guard let place = places[link.name] else { continue }
            // One that has gone between the message and now says so with the next message.
            if link.isPluggedIn, sockets[link.name] == nil, bonds[place.bond].plan.lacp != nil {
                sockets[link.name] = try? SocketHolder(on: link.name)
            } else if !link.isPluggedIn {
                sockets[link.name] = nil
            }
            perform(bonds[place.bond].plug(place.port, link.isPluggedIn, at: now), place.bond)
        }
    }

    /// What a node had said before it was reset has been read by now.
    private mutating func followResets() {
        while let count = Descriptor.read(resets, &buffer) {
            let node = String(decoding: buffer[..<count], as: UTF8.self)
            for index in bonds.indices where bonds[index].plan.node == node {
                perform(bonds[index].reset(at: now), index)
            }
        }
    }

    /// As many frames as a second of LACP can have at most; more wait for the next turn.
    private static let most = 16

    private mutating func listen(at name: String) {
        guard let holder = sockets[name], let place = places[name] else { return }
        for _ in 0..<Self.most {
            guard let count = holder.socket.receive(&buffer) else { return }
            switch SlowFrame(Array(buffer[..<count])) {
            case .lacp(let message):
                perform(bonds[place.bond].receive(message, on: place.port, at: now), place.bond)
            case .marker(let question):
                holder.socket.send(SlowFrame.marker(question).bytes(from: SwitchedBond.system))
            case nil: break
            }
        }
    }

    private func perform(_ actions: [SwitchedBond.Action], _ bond: Int) {
        for action in actions {
            switch action {
            case .send(let message, let port):
                let name = bonds[bond].plan.ports[port].name
                sockets[name]?.socket.send(SlowFrame.lacp(message).bytes(from: SwitchedBond.system))
            case .flood(let isOn, let port, let forgetting):
                links.setFlooding(isOn, of: bonds[bond].plan.ports[port].name, forgetting: forgetting)
            case .tell(let event): emit(event)
            }
        }
    }
}

/// A socket in a dictionary.
private final class SocketHolder {
    let socket: PacketSocket

    init(on port: String) throws(SandboxError) {
        socket = try PacketSocket(on: port, etherType: SlowFrame.etherType)
    }
}
