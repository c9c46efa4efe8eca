import LabModel
import Synchronization
import VirtualBMC

/// The loopback network, in which every address of 127.0.0.0/8 is this host's already.
final class MemoryNetwork: BMCNetwork {
    private struct State {
        var added: [IPv4Address] = []
        var removed: [IPv4Address] = []
    }

    private let taken: [IPv4Address]
    private let state = Mutex(State())

    init(taken: [IPv4Address] = []) { self.taken = taken }

    var added: [IPv4Address] { state.withLock(\.added) }
    var removed: [IPv4Address] { state.withLock(\.removed) }

    func add(_ address: IPv4Address) async throws {
        if taken.contains(address) { throw ChassisError.notInPresentState }
        state.withLock { $0.added.append(address) }
    }

    func remove(_ address: IPv4Address) async throws { state.withLock { $0.removed.append(address) } }
}
