/// What a command comes to.
enum Outcome: Hashable, Sendable {
    case reply(CompletionCode, [UInt8] = [])
    /// The answer waits for the machine.
    case ask(Operation)
    /// Success, and then that session is over.
    case close(UInt32)
    /// Success, and then the BMC restarts.
    case restart(Restart)

    static let done = Outcome.reply(.success)

    /// The answer to a question that has no data.
    static func answer(
        _ data: [UInt8],
        _ bytes: @autoclosure () -> [UInt8]
    ) throws(CompletionFailure) -> Outcome {
        guard data.isEmpty else { throw CompletionFailure(.wrongLength) }
        return .reply(.success, bytes())
    }

    /// What `body` returns or throws.
    static func of(_ body: () throws(CompletionFailure) -> Outcome) -> Outcome {
        do throws(CompletionFailure) {
            return try body()
        } catch {
            return .reply(error.code)
        }
    }
}

/// What only the machine can do.
package enum Operation: Hashable, Sendable {
    case control(ChassisControl)
    /// Boot that way next.
    case boot(BootFlags)
    /// The BMC itself moves to another address.
    case move(LANSettings)
}
