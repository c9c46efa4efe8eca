import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite("The outside world of a lab", .serialized)
    struct Net {
        private static let host = "mirror-a.vlab.test"
        private static let image = "http://\(host)/images/micro/current/disk.img"

        /// Asks for an image from the jump host: the status, the bytes that came, and how curl ended.
        private func curl(_ lab: RunningLab, _ options: String...) throws -> Command {
            let words = [
                "curl", "-s", "-m", "30", "-o", "/dev/null", "-w",
                "%{http_code} %{size_download} %{exitcode}",
            ]
            return try lab.workspace.start(["exec", lab.name, "--"] + words + options + [Self.image])
        }

        private func head(_ lab: RunningLab) async throws -> String {
            try await curl(lab, "-I").end(within: .seconds(60)).output
        }

        @Test("is broken by hand and healed, while somebody follows", .timeLimit(.minutes(3)))
        func byHand() async throws {
            try await Workspace.with { workspace in
                func net(_ line: String) async throws -> Command.Result {
                    let words = line.split(separator: " ").map(String.init)
                    return try await workspace.start(["net", "pod-mini"] + words).end(within: .seconds(60))
                }
                let lab = try await workspace.up("pod-mini")
                let follower = try workspace.start(["net", "pod-mini", "--follow", "--format", "json"])
                let table = try workspace.start(["net", "pod-mini", "--follow", "--host", "mirror-*"])
                try await eventually(
                    "requests in both listings",
                    within: .seconds(60),
                    every: .milliseconds(100)
                ) {
                    let answer = try await head(lab)
                    #expect(answer == "200 0 0")
                    return [follower, table].allSatisfy { $0.said.contains("HEAD") } ? true : nil
                }
                #expect(table.said.contains("SUBJECT\n") && table.said.contains(" origin   \(Self.image)\n"))

                // A download that stops, healed while it stands: it goes on, for no connection is dropped.
                let broken = try await net("break http.stall at=1000 --url **/disk.img --method GET")
                #expect(
                    broken.output == "hand.1: http.stall, until: vlab net pod-mini heal hand.1\n",
                    "\(broken)"
                )
                let stalled = try curl(lab, "-r", "0-9999")
                try await follower.says("fault.applied", within: .seconds(20))
                let shown = try await workspace.done("net", "pod-mini")
                #expect(
                    shown.contains("hand.1  http.stall at=1000  GET **/disk.img  every request"),
                    "\(shown)"
                )
                #expect(shown.contains("1×") && shown.contains("\(Self.host):80  http"), "\(shown)")
                let status = try await workspace.done("status", "pod-mini")
                #expect(status.contains("broken outside: hand.1, http.stall, bit 1×"), "\(status)")
                #expect(stalled.isRunning)
                #expect(try await net("heal hand.1").output == "healed: hand.1\n")
                #expect(try await stalled.end(within: .seconds(20)).output == "206 10000 0")

                // A name that cannot be found out.
                #expect(try await net("break dns.servfail --host \(Self.host) --id names").status == 0)
                #expect(try await head(lab) == "000 0 6", "curl could not resolve the host")
                let again = try await net("break dns.servfail --id names")
                #expect(
                    again.status == 1 && again.errors.contains("“hand.names” is installed already"),
                    "\(again)"
                )
                #expect(try await net("heal --all").output == "healed: hand.names\n")
                #expect(try await head(lab) == "200 0 0")
                let none = try await net("heal names")
                #expect(none.status == 1, "\(none)")
                #expect(
                    none.errors.contains("no rule “names” was installed by hand; there is none"),
                    "\(none)"
                )

                let nobody = try await net("break dns.servfail --node ctl1")
                #expect(nobody.status == 1 && nobody.errors.contains("did you mean “ctl01”?"), "\(nobody)")

                // What the two that followed saw.
                try await follower.says(#""rule":"hand.names""#, within: .seconds(20))
                try await table.says("← hand.names", within: .seconds(20))
                let events = try Event.all(in: follower.said)
                let bitten = events.filter { $0.details["faults"] == "hand.1" }
                #expect(bitten.map(\.event) == ["http.served"] && bitten.first?.details["bytes"] == "10000")
                #expect(
                    events.contains { $0.event == "dns.answered" && $0.details["faults"] == "hand.names" }
                )
                #expect(events.contains { $0.event == "rule.installed" && $0.details["rule"] == "hand.1" })
                #expect(table.said.contains("← hand.1\n") && !table.said.contains("RULE"))
                follower.kill()
                table.kill()
            }
        }

        @Test(
            "is broken in a scenario, which shows what it promises, and is whole again",
            .timeLimit(.minutes(10)),
            arguments: [
                "http/mirror-rebuilt", "dns/no-names-compass", "registry/missing-tag",
                "registry/missing-image-kolla",
            ]
        )
        func scenario(path: String) async throws {
            try await Workspace.with { workspace in
                let run = ["run", "Scenarios/\(path).yml", "--pod", "pod-mini"]
                let result = try await workspace.start(run).end(within: .seconds(580))
                #expect(result.status == 0, "\(result.output.suffix(2000))\(result.errors.suffix(1000))")
                let words = try #require(result.output.split(whereSeparator: \.isWhitespace).last)
                let files = RunFiles(folder: String(words))
                let verdict = try files.verdict()
                #expect(verdict.outcome == "passed" && verdict.faults.allSatisfy { $0.applied > 0 })
                #expect(try files.changes().open == 0, "every rule was removed")
            }
        }
    }
}
