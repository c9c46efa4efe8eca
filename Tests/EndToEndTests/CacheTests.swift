import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite("What labs have downloaded", .serialized)
    struct Cache {
        /// What `vlab cache list --format json` says.
        private struct Row: Decodable {
            var url: String
            var status: Int
            var bytes: Int
            var sha256: String
        }

        private func rows(_ workspace: Workspace, _ patterns: String...) async throws -> [Row] {
            let result = try await workspace.start(["cache", "list", "--format", "json"] + patterns)
                .end(within: .seconds(60))
            try #require(result.status == 0, "\(result)")
            return try JSONDecoder().decode([Row].self, from: Data(result.output.utf8))
        }

        @Test(
            "is whole after kill -9 in mid-record, and is shown, checked, carried and cleared",
            .timeLimit(.minutes(5))
        )
        func life() async throws {
            try await Workspace.with(ownDownloads: true) { workspace in
                try await OutsideServer.with(workspace) { server in
                    for name in ["a", "b"] {
                        _ = try workspace.write(
                            String(repeating: name, count: 700_000),
                            to: "outside/files/\(name)"
                        )
                    }
                    try await record(workspace, server)
                    server.end()
                }
                try await show(workspace)
                try await carry(workspace)
                try await clear(workspace)
            }
        }

        private func download(_ names: [String], _ lab: RunningLab) async throws {
            for name in names {
                let url = "http://x.example.org/\(name)"
                let curl = try await lab.exec("curl", "-sS", "-f", "-o", "/dev/null", url)
                #expect(curl.status == 0, "\(curl)")
            }
        }

        /// Two files are recorded, and a third one is when the lab is killed.
        private func record(_ workspace: Workspace, _ server: OutsideServer) async throws {
            let lab = try await workspace.up("pod-mini", uplink: "record", "--connect-to", server.target)
            try await download(["a", "b"], lab)
            let path = "\(workspace.folder)/half"
            let endless = try workspace.start([
                "exec", lab.name, "--", "curl", "-sS", "-N", "-o", path, "http://x.example.org/endless/c",
            ])
            try await eventually("half of a download", within: .seconds(30)) {
                // Until curl has begun there is none.
                let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
                return size == 1_000_000 ? true : nil
            }
            try lab.supervisor.kill()
            #expect(try await endless.end(within: .seconds(20)).status != 0)
            let verified = try await workspace.vlab("cache", "verify")
            #expect(
                verified.status == 0 && verified.output == "2 responses, 1 MiB: all well\n",
                "\(verified)"
            )
            try await workspace.done("down", lab.name)
            // What it left half is gone with the next one; nothing of it is served.
            let next = try await workspace.up("pod-mini", uplink: "cache")
            let incoming = "\(workspace.folder)/cache/vlab/downloads/incoming"
            #expect(try FileManager.default.contentsOfDirectory(atPath: incoming) == [])
            let codes = try await next.exec(
                "curl",
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code} ",
                "http://x.example.org/a",
                "-o",
                "/dev/null",
                "http://x.example.org/endless/c"
            )
            #expect(codes.output == "200 504 ", "\(codes)")
            try await workspace.done("down", next.name)
        }

        private func show(_ workspace: Workspace) async throws {
            let all = try await rows(workspace)
            #expect(all.map(\.url) == ["http://x.example.org/a", "http://x.example.org/b"])
            #expect(all.allSatisfy { $0.status == 200 && $0.bytes == 700_000 && $0.sha256.count == 64 })
            #expect(try await rows(workspace, "**/b").count == 1)
            #expect(try await rows(workspace, "nothing").isEmpty)
            let table = try await workspace.done("cache", "list")
            #expect(table.hasPrefix("STATUS") && table.contains("http://x.example.org/a"), "\(table)")
            // A byte of one turns over.
            let blob = try #require(all.first).sha256
            let path = "\(workspace.folder)/cache/vlab/downloads/blobs/sha256/\(blob.prefix(2))/\(blob)"
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.write(contentsOf: Data("?".utf8))
            try file.close()
            let wrong = try await workspace.vlab("cache", "verify", "--format", "json")
            #expect(wrong.status == 1 && wrong.output.contains(blob), "\(wrong)")
            #expect(wrong.errors.contains("vlab cache verify --repair"), "\(wrong)")
            let repaired = try await workspace.vlab("cache", "verify", "--repair")
            #expect(repaired.status == 1 && repaired.output.contains("removed"), "\(repaired)")
            #expect(try await workspace.done("cache", "verify") == "1 response, 1 MiB: all well\n")
            #expect(try await rows(workspace).map(\.url) == ["http://x.example.org/b"])
        }

        private func carry(_ workspace: Workspace) async throws {
            let tar = "\(workspace.folder)/all.tar"
            #expect(try await workspace.done("cache", "export", tar) == "\(tar): 1 response, 1 MiB\n")
            let none = try await workspace.vlab("cache", "export", tar, "nothing")
            #expect(none.status == 1 && none.errors.contains("nothing"), "\(none)")
            try await Workspace.with(ownDownloads: true) { other in
                #expect(try await other.done("cache", "import", tar) == "\(tar): 1 response, 1 MiB\n")
                #expect(try await rows(other).map(\.bytes) == [700_000])
                let text = try other.write("this is no tar", to: "bad.tar")
                let bad = try await other.vlab("cache", "import", text)
                #expect(bad.status == 1 && bad.errors.contains("tar"), "\(bad)")
                let lacking = try await other.vlab("cache", "import", "\(other.folder)/lacking.tar")
                #expect(lacking.status == 1 && lacking.errors.contains("lacking.tar"), "\(lacking)")
                #expect(try await other.done("cache", "verify") == "1 response, 1 MiB: all well\n")
            }
        }

        private func clear(_ workspace: Workspace) async throws {
            for size in ["much", "-1G", "1X"] {
                let bad = try await workspace.vlab("cache", "gc", "--cache-size=\(size)")
                #expect(bad.status == 64 && bad.errors.contains("cache-size"), "\(bad)")
            }
            #expect(
                try await workspace.done("cache", "gc", "--cache-size", "1M").contains("removed 0 responses")
            )
            let done = try await workspace.done("cache", "gc", "--cache-size", "100K")
            #expect(done == "removed 1 response and 0 leftovers, 1 MiB; 0 MiB are left\n", "\(done)")
            #expect(try await rows(workspace).isEmpty)
            let unknown = try await workspace.vlab("cache", "tidy")
            #expect(unknown.status == 64, "\(unknown)")
        }

        @Test(
            "stays within what the lab may keep, and HTTPS passes or is opened as was said",
            .timeLimit(.minutes(5))
        )
        func options() async throws {
            try await Workspace.with(ownDownloads: true) { workspace in
                for (words, complaint) in [
                    (["--cache-size", "lots"], "lots is no size"), (["--https", "sometimes"], "--https"),
                    (["--https", "open,a/b"], "--https"),
                    (["--connect-to", "a:1:b:2"], "--connect-to needs"),
                ] {
                    let bad = try await workspace.start(["up", "pod-mini"] + words).end(within: .seconds(30))
                    #expect(bad.status == 64 && bad.errors.contains(complaint), "\(bad)")
                }
                try await OutsideServer.with(workspace) { server in
                    for name in ["a", "b", "c"] {
                        _ = try workspace.write(
                            String(repeating: name, count: 700_000),
                            to: "outside/files/\(name)"
                        )
                    }
                    for name in ["network.yml", "dha.yml"] {
                        let text = try String(
                            contentsOfFile: "\(Project.folder)/Scenarios/pods/pod-mini/\(name)",
                            encoding: .utf8
                        )
                        _ = try workspace.write(text, to: "pod-mini/\(name)")
                    }
                    // The command line counts before the pod's file.
                    _ = try workspace.write(
                        "https: open\n",
                        to: "pod-mini/lab.yml"
                    )
                    let lab = try await workspace.up(
                        "\(workspace.folder)/pod-mini",
                        uplink: "record",
                        "--connect-to",
                        server.target,
                        "--cache-size",
                        "1500K",
                        "--https",
                        "pass,*.bank.example"
                    )
                    try await download(["a", "b", "c"], lab)
                    try await eventually("room in the cache", within: .seconds(20)) {
                        let kept = try await rows(workspace)
                        let isThere = kept.contains { $0.url == "http://x.example.org/c" }
                        return isThere && kept.reduce(0) { $0 + $1.bytes } <= 1_500 << 10 ? true : nil
                    }
                    for host in ["my.bank.example", "shop.example.org"] {
                        _ = try await lab.exec("curl", "-sS", "-m", "10", "https://\(host)/")
                    }
                    // They are written a moment later.
                    let events = try await eventually("word of the last one", within: .seconds(20)) {
                        let events = try lab.events()
                        return events.contains { $0.event == "tls.opened" } ? events : nil
                    }
                    #expect(
                        events.filter { $0.event == "tls.passed" }.map { $0.details["name"] } == [
                            "my.bank.example"
                        ]
                    )
                    #expect(
                        events.filter { $0.event == "tls.opened" }.map { $0.details["name"] } == [
                            "shop.example.org"
                        ]
                    )
                    let late = try await workspace.vlab(
                        "up",
                        "\(workspace.folder)/pod-mini",
                        "--cache-size",
                        "2G"
                    )
                    #expect(
                        late.status == 1 && late.errors.contains("--cache-size counts from its start"),
                        "\(late)"
                    )
                }
            }
        }
    }
}
