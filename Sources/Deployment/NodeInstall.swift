import LabModel

/// One node's installation as the engine sees it, and what to do about it next.
///
/// No clock and no network: events in,
/// actions out.
///
/// ```swift
/// var node = NodeInstall(policy: policy, at: .zero)
/// _ = node.receive(.powered, at: .seconds(1))
/// let actions = node.receive(.checked, at: .seconds(400))  // [.recover(.reinstall, why: "nothing heard …")]
/// ```
package struct NodeInstall: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// Not powered by this deployment yet.
        case waiting
        /// Powered, nothing heard yet.
        case booting
        case installing(InstallReport.Stage)
        /// Being powered anew.
        case recovering(Recovery)
        /// Installed; SSH does not answer yet.
        case rebooting
        case ready
        case failed(String)
    }

    package enum Event: Sendable, Hashable {
        case powered
        case askedForBootScript
        case fetched(String)
        case reported(InstallReport)
        /// SSH answered with the node's own name.
        case answered
        case recoveryFailed(String)
        /// Time has passed.
        case checked
    }

    package enum Recovery: String, Sendable, Hashable { case reinstall, reboot }

    package enum Action: Sendable, Hashable {
        case say(String)
        /// A new run of the installer begins.
        case began(attempt: Int)
        /// The installer is done; from now on the node boots from its disk.
        case installed
        case ready
        case recover(Recovery, why: String)
        case gaveUp(String)
    }

    package private(set) var phase: Phase
    /// Whether the installer is told to ask a time server.
    package private(set) var ntp: Bool
    package private(set) var attempt: Int
    package private(set) var recoveries: Int
    private let rules: InstallRules
    private let pollRules: DownloadRules.Poll?
    private var poll: DownloadPoll?
    private var last: InstallReport?
    private var lastProgress: Duration
    private var reboots = 0

    package init(
        _ phase: Phase = .waiting,
        policy: Policy,
        ntp: Bool? = nil,
        attempt: Int = 0,
        recoveries: Int = 0,
        at now: Duration
    ) {
        (self.phase, rules, pollRules) = (phase, policy.install, policy.download.poll)
        (self.ntp, self.attempt, self.recoveries) = (ntp ?? policy.install.ntp, attempt, recoveries)
        lastProgress = now
    }

    /// Whether a boot over the network leads to the installer; else to the disk.
    package var bootsInstaller: Bool {
        switch phase {
        case .waiting, .booting, .installing, .recovering(.reinstall), .failed: true
        case .recovering(.reboot), .rebooting, .ready: false
        }
    }

    package var isSettled: Bool {
        switch phase {
        case .ready, .failed: true
        case .waiting, .booting, .installing, .recovering, .rebooting: false
        }
    }

    /// For people: `download 40%`.
    package var summary: String {
        switch phase {
        case .waiting: "not powered yet"
        case .booting: "booting"
        case .installing(let stage): stage.rawValue + (last?.percent.map { " \($0)%" } ?? "")
        case .recovering(let recovery): "powering again to \(recovery.rawValue)"
        case .rebooting: "booting from disk"
        case .ready: "ready"
        case .failed(let why): "failed: \(why)"
        }
    }

    package mutating func receive(_ event: Event, at now: Duration) -> [Action] {
        switch event {
        case .powered: powered(at: now)
        case .askedForBootScript: askedForBootScript(at: now)
        case .fetched(let what): fetched(what, at: now)
        case .reported(let report): reported(report, at: now)
        case .answered: answered()
        case .recoveryFailed(let why): recoveryFailed(why, at: now)
        case .checked: check(at: now)
        }
    }

    private mutating func powered(at now: Duration) -> [Action] {
        switch phase {
        case .waiting, .recovering(.reinstall): phase = .booting
        case .recovering(.reboot): phase = .rebooting
        case .booting, .installing, .rebooting, .ready, .failed: return []
        }
        lastProgress = now
        return []
    }

    private mutating func askedForBootScript(at now: Duration) -> [Action] {
        switch phase {
        case .waiting, .booting, .installing:
            let again = phase != .booting && phase != .waiting
            phase = .booting
            lastProgress = now
            return [.say(again ? "boots the installer once more" : "boots the installer")]
        case .recovering, .rebooting, .ready:
            return [.say(bootsInstaller ? "boots the installer" : "boots from its disk")]
        case .failed: return []
        }
    }

    private mutating func fetched(_ what: String, at now: Duration) -> [Action] {
        switch phase {
        case .booting, .installing: lastProgress = now
        case .waiting, .recovering, .rebooting, .ready, .failed: break
        }
        return []
    }

    private mutating func reported(_ report: InstallReport, at now: Duration) -> [Action] {
        switch phase {
        case .waiting, .booting, .installing: break
        // An installer that is about to be switched off, or that repeats its last word.
        case .recovering, .rebooting, .ready, .failed: return []
        }
        let (isNew, before) = (report != last, last)
        if isNew { (last, lastProgress) = (report, now) }
        var actions: [Action] = []
        if attempt == 0 || report.stage == .start && isNew {
            attempt += 1
            actions.append(.began(attempt: attempt))
        }
        phase = .installing(report.stage)
        if isNew, isWorthSaying(report, after: before) { actions.append(.say(report.line)) }
        switch report.stage {
        case .download: poll = poll ?? pollRules.map { DownloadPoll($0, since: now) }
        case .verify, .write, .finish: poll = nil
        case .done:
            (poll, phase) = (nil, .rebooting)
            actions.append(.installed)
        case .failed where rules.failure == .reinstall:
            actions += recover(.reinstall, why: "the installer failed: \(report.detail)", at: now)
        case .start, .clock, .partition, .failed: break
        }
        return actions
    }

    /// Of the percentages, only every quarter.
    private func isWorthSaying(_ report: InstallReport, after before: InstallReport?) -> Bool {
        guard let before, before.stage == report.stage, let percent = report.percent else { return true }
        return before.percent.map { $0 / 25 != percent / 25 } ?? true
    }

    private mutating func answered() -> [Action] {
        switch phase {
        case .ready, .failed, .recovering: return []
        case .waiting, .booting, .installing:
            phase = .ready
            return [.installed, .ready]
        case .rebooting:
            phase = .ready
            return [.ready]
        }
    }

    private mutating func recoveryFailed(_ why: String, at now: Duration) -> [Action] {
        guard case .recovering(let recovery) = phase else { return [] }
        return recover(recovery, why: "cannot power it: \(why)", at: now)
    }

    private mutating func check(at now: Duration) -> [Action] {
        let silence = now - lastProgress
        func isOver(_ limit: Duration?) -> Bool { limit.map { silence > $0 } ?? false }
        switch phase {
        case .booting where isOver(rules.boot):
            return recover(.reinstall, why: "nothing heard for \(silence.brief) after power-on", at: now)
        case .installing(.clock) where isOver(rules.clock):
            return recover(.reinstall, why: "stuck at its clock for \(silence.brief)", at: now)
        case .installing(let stage) where stage != .clock && isOver(rules.stuck):
            return recover(.reinstall, why: "stuck at \(stage.rawValue) for \(silence.brief)", at: now)
        case .rebooting where isOver(rules.reboot):
            reboots += 1
            let recovery: Recovery = reboots > 1 ? .reinstall : .reboot
            return recover(recovery, why: "SSH silent \(silence.brief) after the installation", at: now)
        case .installing: return look(at: now)
        case .waiting, .booting, .recovering, .rebooting, .ready, .failed: return []
        }
    }

    private mutating func look(at now: Duration) -> [Action] {
        switch poll?.look(at: now) {
        case nil, .waiting: return []
        case .say(let line): return [.say(line)]
        case .gaveUp(let why):
            phase = .failed(why)
            return [.gaveUp(why)]
        }
    }

    private mutating func recover(_ recovery: Recovery, why: String, at now: Duration) -> [Action] {
        guard recoveries < rules.recoveries else {
            let reason = "\(why), and \(recoveries) recoveries are used up"
            phase = .failed(reason)
            return [.gaveUp(reason)]
        }
        if phase == .installing(.clock), rules.skipStuckClock { ntp = false }
        if recovery == .reinstall { (reboots, poll) = (0, nil) }
        (recoveries, phase, last, lastProgress) = (recoveries + 1, .recovering(recovery), nil, now)
        return [.recover(recovery, why: why)]
    }
}

extension InstallReport {
    /// For the log: `download 40% http://…`.
    var line: String {
        ([stage.rawValue] + (percent.map { ["\($0)%"] } ?? []) + (detail.isEmpty ? [] : [detail]))
            .joined(separator: " ")
    }
}
