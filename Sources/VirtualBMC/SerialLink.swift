import IPMI
import LabModel
import Synchronization

/// What goes on between a machine's serial port and its BMC while somebody watches; nothing when nobody does.
final class SerialLink: Sendable {
    private let port: any SerialPort
    private let node: String
    private let events: EventSink?
    private let readers = Mutex<[ConsoleWatcher: Task<Void, Never>]>([:])
    private let isWatched = Atomic(false)
    private let keys: AsyncStream<Key>
    private let pressed: AsyncStream<Key>.Continuation

    private enum Key: Sendable {
        case bytes([UInt8])
        case lineBreak
    }

    /// Packets that may wait for a port that takes nothing; more are lost, as with any serial line.
    private static let patience = 256

    init(_ port: any SerialPort, node: String, events: EventSink?) {
        (self.port, self.node, self.events) = (port, node, events)
        (keys, pressed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.patience))
    }

    // MARK: What the machine prints

    /// Listens for these watchers and no others.
    func settle(_ watchers: [ConsoleWatcher], _ tell: @escaping @Sendable ([UInt8], ConsoleWatcher) -> Void) {
        guard !watchers.isEmpty || isWatched.load(ordering: .relaxed) else { return }
        readers.withLock { readers in
            for (watcher, task) in readers where !watchers.contains(watcher) {
                task.cancel()
                readers[watcher] = nil
            }
            for watcher in watchers where readers[watcher] == nil {
                // From this moment on, not from when the task begins: what the machine prints between is heard too.
                let output = port.output(history: watcher.history)
                readers[watcher] = Task { for await bytes in output { tell(bytes, watcher) } }
            }
            isWatched.store(!readers.isEmpty, ordering: .relaxed)
        }
    }

    // MARK: What is typed

    func type(_ bytes: [UInt8]) { pressed.yield(.bytes(bytes)) }

    func sendBreak() { pressed.yield(.lineBreak) }

    /// Types, in the order that it was asked to, until the task is cancelled.
    func run() async {
        for await key in keys {
            do {
                switch key {
                case .bytes(let bytes): try await port.send(bytes)
                case .lineBreak: try await port.sendBreak()
                }
            } catch {
                events?(LabEvent("bmc.console", node: node, ["error": "\(error)"]))
            }
        }
        settle([]) { _, _ in }
    }
}
