import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite("A pod whose mirror is outside", .serialized)
    struct SecondInstallation {
        private static let mirror = "http://images.example.org"

        /// One installation of pod-mini: what came of it.
        private struct Installation {
            var seconds: Double
            /// Connections that were made to the outside.
            var dials: Int
            /// What the mirror's files were answered by.
            var sources: Set<String>
        }

        @Test(
            "is installed a second time from what was recorded, without any word to the outside; its nodes trust HTTPS",
            .timeLimit(.minutes(15))
        )
        func twice() async throws {
            try await Workspace.with(ownDownloads: true) { workspace in
                let recipes = "\(workspace.folder)/Images"
                try FileManager.default.copyItem(atPath: "\(Project.folder)/Images", toPath: recipes)
                try Self.addClient(to: "\(recipes)/micro/recipe")
                let build = try workspace.start(
                    ["image", "build", "installer", "micro"],
                    in: workspace.folder
                )
                let built = try await build.end(within: .seconds(600))
                try #require(built.status == 0, "\(built)")
                let listed = try await workspace.done("image", "list")
                #expect(
                    listed.split(separator: "\n").dropFirst().allSatisfy { $0.contains(" you ") },
                    "\(listed)"
                )
                var (first, second): (Installation?, Installation?)
                try await OutsideServer.with(workspace) { server in
                    try FileManager.default.createSymbolicLink(
                        atPath: "\(server.files)/images",
                        withDestinationPath: "\(workspace.folder)/cache/vlab/images"
                    )
                    try FileManager.default.createDirectory(
                        atPath: "\(server.files)/debian/dists/stable",
                        withIntermediateDirectories: true
                    )
                    _ = try workspace.write(
                        "Suite: stable\n",
                        to: "outside/files/debian/dists/stable/Release"
                    )
                    first = try await install(workspace, "record", "--connect-to", server.target) {
                        try await expectTrust($0)
                    }
                    #expect(server.asked.contains { $0.hasPrefix("GET /images/micro/current/disk.img") })
                    let asked = server.asked.count
                    // Outside is still there; nobody asks it.
                    second = try await install(workspace, "cache") { _ in }
                    #expect(server.asked.count == asked)
                }
                let (recorded, replayed) = (try #require(first), try #require(second))
                #expect(recorded.dials > 0 && recorded.sources.contains("uplink"), "\(recorded)")
                #expect(replayed.dials == 0 && replayed.sources == ["cache"], "\(replayed)")
            }
        }

        /// wget looks at certificates, busybox's does not.
        private static func addClient(to recipe: String) throws {
            var text = try String(contentsOfFile: recipe, encoding: .utf8)
            for (old, new) in [
                ("packages  busybox-static", "packages  wget busybox-static"),
                (
                    "programs    /bin/busybox /usr/sbin/dropbear",
                    "programs    /bin/busybox /usr/bin/wget /usr/sbin/dropbear"
                ),
                ("size        14M", "size        28M"),
            ] {
                try #require(text.contains(old))
                text = text.replacingOccurrences(of: old, with: new)
            }
            try text.write(toFile: recipe, atomically: true, encoding: .utf8)
        }

        private func install(
            _ workspace: Workspace,
            _ uplink: String,
            _ options: String...,
            look: (RunningLab) async throws -> Void
        ) async throws -> Installation {
            let up = try await workspace.start(["up", "pod-mini", "--uplink", uplink] + options).end(
                within: .seconds(120)
            )
            try #require(up.status == 0, "\(up)")
            let lab = try RunningLab(name: "pod-mini", in: workspace)
            let command = [
                "exec", lab.name, "--", try Project.program("vdeploy"), "deploy",
                "\(Project.folder)/Scenarios/pods/pod-mini", "--work", "\(lab.folder)/engine", "--mirror",
                Self.mirror,
            ]
            let deployed = try await workspace.start(command).end(within: .seconds(400))
            try #require(deployed.status == 0, "\(deployed)")
            // What a role would fetch.
            let release = try await workspace.done(
                "ssh",
                lab.name,
                "ctl01",
                "--",
                "busybox wget -q -O - \(Self.mirror)/debian/dists/stable/Release"
            )
            #expect(release == "Suite: stable\n")
            try await look(lab)
            let events = try lab.events()
            let served = events.filter {
                $0.event == "http.served" && $0.details["host"] == "images.example.org"
                    && $0.details["status"]?.hasPrefix("2") == true
            }
            try await workspace.done("down", lab.name)
            return Installation(
                seconds: deployed.seconds,
                dials: events.count { $0.event == "uplink.dialled" },
                sources: Set(served.compactMap { $0.details["source"] })
            )
        }

        /// A node has its HTTPS opened and finds the certificate good, unless somebody else has issued it.
        private func expectTrust(_ lab: RunningLab) async throws {
            let workspace = lab.workspace
            func fetch(_ url: String) async throws -> Command.Result {
                // By its path: the shell has a wget of its own.
                let wget = "/usr/bin/wget -T 20 -t 1 -nv -O - \(url)"
                return try await workspace.start(["ssh", lab.name, "ctl01", "--", wget]).end(
                    within: .seconds(60)
                )
            }
            let url = "https://mirror-a.vlab.test/images/micro/current/manifest.json"
            let good = try await fetch(url)
            #expect(good.status == 0 && good.output.contains("\"name\" : \"micro\""), "\(good)")
            try await eventually("word of it", within: .seconds(20)) {
                try lab.events().contains { $0.event == "tls.opened" && $0.node == "ctl01" } ? true : nil
            }
            try await workspace.done(
                "net",
                lab.name,
                "break",
                "tls.unknown-ca",
                "--host",
                "mirror-a.vlab.test"
            )
            let bad = try await fetch(url)
            #expect(bad.status == 5 && bad.output.isEmpty, "\(bad)")
            #expect(bad.errors.contains("certificate of 'mirror-a.vlab.test' is not trusted"), "\(bad)")
            try await workspace.done("net", lab.name, "heal", "--all")
            let authority = try await fetch("http://vlab.test/ca.crt")
            #expect(authority.output == (try await workspace.done("authority")), "\(authority)")
        }
    }
}
