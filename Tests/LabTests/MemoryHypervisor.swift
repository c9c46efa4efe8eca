import LabModel
import Synchronization

@testable import Lab

/// A hypervisor in memory: what was asked of it, and whether it is there at all.
final class MemoryHypervisor: Hypervisor {
    enum Call: Hashable {
        case define
        case perform(MachineOperation)
        case bootOrder([BootDevice])
        case type([UInt8])
        case sendBreak
        case link(String, Bool)
    }

    struct Gone: Error, CustomStringConvertible { let description = "libvirt is gone" }

    private struct State {
        var calls: [(node: String, call: Call)] = []
        var isGone = false
        var inside: [String: Int] = [:]
        var mostInside = 0
    }

    private let state = Mutex(State())

    var isGone: Bool {
        get { state.withLock(\.isGone) }
        set { state.withLock { $0.isGone = newValue } }
    }
    /// How many operations on one machine went on at once, at most.
    var mostInside: Int { state.withLock(\.mostInside) }

    func calls(of node: String = "ctl01") -> [Call] {
        state.withLock { $0.calls.filter { $0.node == node }.map(\.call) }
    }

    /// The orders that a machine was started with.
    var starts: [[BootDevice]] {
        calls().compactMap { if case .perform(.start(let order)) = $0 { order } else { nil } }
    }

    private func note(_ call: Call, _ node: String) throws {
        try state.withLock { state in
            if state.isGone { throw Gone() }
            state.calls.append((node, call))
        }
    }

    func define(_ node: Node) async throws { try note(.define, node.name) }

    func perform(_ operation: MachineOperation, on node: String) async throws {
        try note(.perform(operation), node)
        state.withLock { state in
            state.inside[node, default: 0] += 1
            state.mostInside = max(state.mostInside, state.inside[node, default: 0])
        }
        // Lets whoever does not wait for its turn come in.
        for _ in 0..<5 { await Task.yield() }
        state.withLock { $0.inside[node, default: 0] -= 1 }
    }

    func setBootOrder(_ order: [BootDevice], of node: String) async throws {
        try note(.bootOrder(order), node)
    }
    func type(_ bytes: [UInt8], at node: String) async throws { try note(.type(bytes), node) }
    func sendBreak(to node: String) async throws { try note(.sendBreak, node) }
    func setLink(of node: String, nic: String, up: Bool) async throws { try note(.link(nic, up), node) }
    func processorTime(of node: String) -> Duration { .zero }
}

/// Events as they came.
final class Heard: Sendable {
    private let list = Mutex<[LabEvent]>([])
    var events: [LabEvent] { list.withLock { $0 } }
    var names: [String] { events.map(\.event) }
    var sink: EventSink { { event in self.list.withLock { $0.append(event) } } }
}

extension Node {
    static func sample(_ name: String = "ctl01") -> Node {
        Node(name: name, roles: ["controller"], nics: [], bmc: nil, uuid: name, serial: name)
    }
}
