/// What the installer says about itself: `stage=download&percent=40`.
package struct InstallReport: Hashable, Sendable {
    /// The installer's own steps, in their order.
    package enum Stage: String, Sendable, CaseIterable, Codable {
        case start, clock, partition, download, verify, write, finish, done, failed
    }

    package var stage: Stage
    package var detail: String
    package var percent: Int?

    package init(_ stage: Stage, detail: String = "", percent: Int? = nil) {
        (self.stage, self.detail, self.percent) = (stage, detail, percent)
    }
}
