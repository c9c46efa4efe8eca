import LACP
import LabModel

/// The switches' side of all bonds of a lab, on the ports that the nodes' machines are plugged into.
///
/// A port is there while its machine runs. No thread is woken but by what happens on these ports and by LACP's own timers.
package struct SwitchedBonds: Sendable {
    private let plans: [BondPlan]
    private let emit: EventSink

    package init(_ plan: SandboxPlan, emit: @escaping EventSink) { (plans, self.emit) = (plan.bonds, emit) }

    /// Until cancelled; only in the sandbox.
    package func run() async throws {
        guard !plans.isEmpty else { return await Self.untilCancelled() }
        let (plans, emit) = (plans, emit)
        try await PollLoop.run("vlab.bonds") { loop throws(SandboxError) in
            var ports = try LivePorts(plans, emit)
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
    private let places: [String: Place]
    private var sockets: [String: SocketHolder] = [:]
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private let began = ContinuousClock.now

    init(_ plans: [BondPlan], _ emit: @escaping EventSink) throws(SandboxError) {
        self.emit = emit
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
        guard let ready = loop.wait(for: [links.descriptor] + descriptors, until: deadline, now) else {
            return false
        }
        if ready[0] { try followLinks() }
        for (name, isReady) in zip(names, ready.dropFirst()) where isReady { listen(at: name) }
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
