import LabModel
import Synchronization

/// A machine's serial console as the lab sees it: lines, the stage they tell, and a history for who comes later.
package final class ConsoleLog: Sendable {
    private struct State {
        var history: [UInt8] = []
        var line: [UInt8] = []
        var toldPrompt = false
        var lastLine = ""
        var stage = ""
        var watchers: [AsyncStream<[UInt8]>.Continuation] = []
    }

    /// Bytes kept for a watcher that comes later.
    private static let historyLimit = 64 << 10
    /// A longer line is cut here: a console without line ends must not grow the lab.
    private static let lineLimit = 4 << 10

    private let node: String
    private let emit: EventSink
    private let state = Mutex(State())

    init(node: String, emit: @escaping EventSink) { (self.node, self.emit) = (node, emit) }

    /// The last line that was not blank, without escape sequences.
    package var lastLine: String { state.withLock(\.lastLine) }
    /// What the console told last of the installation, as in `==> Partitioning /dev/vda`.
    package var stage: String { state.withLock(\.stage) }

    /// Whether the firmware has said what it boots from.
    var hasChosen: Bool { ["network boot", "disk boot"].contains(stage) }

    /// A boot begins: the stage of the one before says nothing any more.
    func begin() { state.withLock { $0.stage = "booting" } }

    func receive(_ bytes: [UInt8]) {
        let lines = state.withLock { state -> [String] in
            state.history += bytes
            if state.history.count > 2 * Self.historyLimit {
                state.history.removeFirst(state.history.count - Self.historyLimit)
            }
            // One that left is noticed here, for the reason that EventLog gives.
            state.watchers.removeAll { watcher in
                if case .terminated = watcher.yield(bytes) { true } else { false }
            }
            var lines: [String] = []
            for byte in bytes {
                if byte == 0x0A || state.line.count >= Self.lineLimit {
                    if !state.toldPrompt { lines.append(Self.plain(state.line)) }
                    state.toldPrompt = false
                    state.line = []
                }
                if byte != 0x0A { state.line.append(byte) }
            }
            let pending = Self.plain(state.line)
            // A prompt waits for its answer on an unfinished line: it is told when it stands there.
            if pending.hasSuffix("login:"), !state.toldPrompt {
                state.toldPrompt = true
                lines.append(pending)
            }
            if let last = (lines + [pending]).last(where: { !$0.isEmpty }) { state.lastLine = last }
            return lines
        }
        for line in lines where !line.isEmpty { tell(line) }
    }

    private func tell(_ line: String) {
        emit(LabEvent("console.line", node: node, ["line": line]))
        guard let stage = Self.stage(of: line) else { return }
        let isNew = state.withLock { state in
            defer { state.stage = stage }
            return state.stage != stage
        }
        if isNew { emit(LabEvent("stage", node: node, ["stage": stage])) }
    }

    /// The history so far, all of it or its last lines, and what comes; ends when the watcher stops listening.
    package func watch(lines: Int? = nil) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(4096))
        state.withLock { state in
            let history = Self.tail(of: state.history, lines: lines)
            if !history.isEmpty { continuation.yield(history) }
            state.watchers.append(continuation)
        }
        return stream
    }

    /// The last lines, an unfinished one among them; all when no number is given.
    static func tail(of history: [UInt8], lines: Int?) -> [UInt8] {
        guard let lines else { return history }
        guard lines > 0 else { return [] }
        var missing = lines
        var start = history.endIndex
        while start > history.startIndex {
            if history[start - 1] == 0x0A, start < history.endIndex {
                missing -= 1
                if missing == 0 { break }
            }
            start -= 1
        }
        return Array(history[start...])
    }

    /// What a line says about how far the node is; nil when it says nothing.
    static func stage(of line: String) -> String? {
        if line.hasPrefix("==> ") { return String(line.dropFirst(4)) }
        if line.hasPrefix("!!! ") { return String(line.dropFirst(4)) }
        if line.hasPrefix("iPXE initialising") { return "network boot" }
        if line.hasPrefix("Booting from Hard Disk") { return "disk boot" }
        if line.hasPrefix("SeaBIOS") { return "firmware" }
        if line.hasSuffix(" login:") { return "login prompt" }
        return nil
    }

    /// The text of a line as a person sees it: escape sequences gone, a carriage return starts over.
    static func plain(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        // What follows a carriage return replaces the line; a return at its end, or several, does not.
        var startsOver = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x1B where index < bytes.count && bytes[index] == UInt8(ascii: "["):
                index += 1
                while index < bytes.count, !(0x40...0x7E).contains(bytes[index]) { index += 1 }
                index += 1
            case 0x1B: index += 1
            case 0x0D: startsOver = true
            case 0x00..<0x20 where byte != 0x09: break
            default:
                if startsOver { (text, startsOver) = ([], false) }
                text.append(byte)
            }
        }
        let whole = String(decoding: text, as: UTF8.self)
        return String(whole.reversed().drop { $0 == " " }.reversed())
    }
}
