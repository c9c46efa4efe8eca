import Foundation
import LabModel

/// Brings every node's clock in step with the time server's, or else with the jump host's, and measures it.
struct TimeStage {
    let job: Job

    func run() async throws {
        let rules = job.policy.time
        try await job.onEveryNode(.time, "in-step") { node in
            let answered = try await asksTimeServer(node)
            if !answered {
                guard rules.fallback else {
                    throw DeployError("\(node.name): the time server \(job.plan.ntpServer) is silent")
                }
                job.log.say("time server silent; set by the jump host", .time, node: node.name)
                let seconds = Int(job.world.time.date.timeIntervalSince1970.rounded())
                _ = try await job.shell(NodeScript(.setClock, "date -s @\(seconds)"), on: node)
            }
            let offset = try await measure(node)
            let size = abs(offset.inSeconds)
            guard size <= rules.offset.inSeconds else {
                throw DeployError(
                    "\(node.name): its clock is \(offset.brief) off, more than \(rules.offset.brief)"
                )
            }
            job.log.say("clock in step (\(Duration.seconds(size).brief) off)", .time, node: node.name)
        }
    }

    private func asksTimeServer(_ node: Node) async throws -> Bool {
        let rules = job.policy.time
        let script = Self.script(server: job.plan.ntpServer, limit: rules.limit)
        do {
            _ = try await job.trying(
                "time server \(job.plan.ntpServer)",
                .time,
                on: node,
                tries: rules.tries,
                pause: rules.pause
            ) { try await job.shell(script, on: node) }
            return true
        } catch let error as DeployError {
            job.log.say("\(error)", .time, node: node.name)
            return false
        }
    }

    /// One setting with a limit, then a daemon that keeps the clock in step at every boot.
    static func script(server: String, limit: Duration) -> NodeScript {
        let seconds = max(1, Int(limit.inSeconds.rounded(.up)))
        return NodeScript(
            .ntp,
            """
            mkdir -p /etc/vdeploy.d
            printf '#!/bin/sh\\npidof ntpd >/dev/null || ntpd -p %s\\n' '\(server)' > /etc/vdeploy.d/10-time
            chmod 755 /etc/vdeploy.d/10-time
            killall ntpd 2>/dev/null
            timeout \(seconds) ntpd -n -q -p '\(server)' >/tmp/ntpd.log 2>&1
            status=$?
            /etc/vdeploy.d/10-time </dev/null >/dev/null 2>&1
            [ $status = 0 ] || { tail -n 1 /tmp/ntpd.log >&2; echo "no answer within \(seconds) s" >&2; }
            exit $status

            """
        )
    }

    private func measure(_ node: Node) async throws -> Duration {
        let asked = job.world.time.date.timeIntervalSince1970
        let text = try await job.shell(NodeScript(.readClock, "date +%s.%N"), on: node)
        let answered = job.world.time.date.timeIntervalSince1970
        guard let reading = ClockReading(text, asked: asked, answered: answered) else {
            throw DeployError("\(node.name): its clock cannot be read from “\(text)”")
        }
        return reading.offset
    }
}
