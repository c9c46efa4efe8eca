import Foundation

/// One line of the journal.
package struct JournalEntry: Hashable, Sendable, Codable {
    package enum Event: String, Sendable, Codable {
        case begun, resumed, stageStarted, stageFinished
        /// A node, or the whole pod, is through a step that need not be done again.
        case stepFinished
        /// A node's installer began anew.
        case attempt
        /// A node was powered again, to be installed or booted anew.
        case recovery
        case succeeded, failed
    }

    package var event: Event
    package var time: Date
    package var stage: Stage?
    package var node: String?
    package var step: String?
    package var detail: String?
    package var attempt: Int?
    package var ntp: Bool?
    package var request: DeployRequest?

    package init(
        _ event: Event,
        at time: Date,
        stage: Stage? = nil,
        node: String? = nil,
        step: String? = nil,
        detail: String? = nil,
        attempt: Int? = nil,
        ntp: Bool? = nil,
        request: DeployRequest? = nil
    ) {
        (self.event, self.time, self.stage, self.node) = (event, time, stage, node)
        (self.step, self.detail, self.attempt) = (step, detail, attempt)
        (self.ntp, self.request) = (ntp, request)
    }
}
