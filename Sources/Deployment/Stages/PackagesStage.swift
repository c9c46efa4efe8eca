import LabModel

/// Has every node fetch the bundles of its roles from the engine, check and unpack them.
struct PackagesStage {
    let job: Job
    let bundles: [RoleBundle]

    func run() async throws {
        try await job.onEveryNode(.packages, "unpacked") { node in
            for bundle in bundles where node.roles.contains(bundle.role) {
                let script = Self.script(bundle, server: job.plan.server)
                let rules = job.policy.download
                _ = try await job.trying(
                    bundle.file,
                    .packages,
                    on: node,
                    tries: rules.tries,
                    pause: rules.pause
                ) { try await job.shell(script, on: node) }
            }
            job.log.say("bundles \(node.roles.joined(separator: ", "))", .packages, node: node.name)
        }
    }

    static func script(_ bundle: RoleBundle, server: String) -> NodeScript {
        NodeScript(
            .package,
            """
            set -e
            cd /tmp
            timeout 20 wget -q -O '\(bundle.file)' '\(server)/bundles/\(bundle.file)'
            echo '\(bundle.sha256)  \(bundle.file)' | sha256sum -c - >/dev/null
            tar -x -C / -f '\(bundle.file)'
            rm '\(bundle.file)'
            sync

            """
        )
    }
}
