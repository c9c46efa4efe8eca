import LabModel
import Synchronization

/// The time is right at first, and wrong from one answer to the next: a server that is restarted with another clock.
final class NTPJump: NTPFault {
    static let form = FaultForm(
        "ntp.jump",
        "The time server's clock jumps after its first answers to a client",
        [
            FaultForm.Parameter("by", "ahead, or with a minus behind: +2h, -90s", example: "-90s"),
            FaultForm.Parameter("after", "how many answers are right", usual: "1"),
        ]
    )

    private let offset: Duration
    private let right: Int
    /// Answers so far, by client.
    private let answers = Mutex<[String: Int]>([:])

    init(_ arguments: FaultArguments) throws(FaultError) {
        (offset, right) = (try arguments.shift("by"), try arguments.number("after", in: 0...1_000_000))
    }

    func edit(_ reply: inout NTPReply, _ turn: Turn) {
        guard reply.packet != nil else { return }
        let number = answers.withLock { answers in
            answers[turn.client.name, default: 0] += 1
            return answers[turn.client.name, default: 0]
        }
        guard number > right, let claim = turn.take() else { return }
        claim.land(["by": "\(offset.inSeconds)"])
        reply.packet?.shift(by: offset)
    }
}
