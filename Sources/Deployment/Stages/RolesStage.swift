import LabModel

/// Starts the service of each role on its nodes, so that it also starts at every boot.
struct RolesStage {
    let job: Job
    let bundles: [RoleBundle]

    func run() async throws {
        try await job.onEveryNode(.roles, "started") { node in
            let own = bundles.filter { node.roles.contains($0.role) }
            let script = Self.script(own, on: node)
            let rules = job.policy.shell
            _ = try await job.trying("services", .roles, on: node, tries: rules.tries, pause: rules.pause) {
                try await job.shell(script, on: node)
            }
            let list = own.map { "\($0.role) :\($0.port)" }.joined(separator: ", ")
            job.log.say(list.isEmpty ? "no role" : list, .roles, node: node.name)
        }
    }

    static func script(_ bundles: [RoleBundle], on node: Node) -> NodeScript {
        let parts = bundles.map { bundle in
            """
            printf '%s\\n' '\(document(bundle.role, on: node.name))' > \(bundle.folder)/www/\(RoleBundle.document)
            /etc/vdeploy.d/50-\(bundle.role) </dev/null >/dev/null 2>&1
            ok=no
            for try in 1 2 3 4 5; do
              timeout 2 wget -q -O /dev/null http://127.0.0.1:\(bundle.port)/\(RoleBundle.document) && ok=yes && break
              sleep 1
            done
            [ $ok = yes ] || { echo '\(bundle.role) does not answer on port \(bundle.port)' >&2; exit 1; }

            """
        }
        return NodeScript(.role, parts.joined() + "sync\n")
    }

    /// What the service of a role says on a node.
    static func document(_ role: String, on node: String) -> String {
        #"{"node":"\#(node)","role":"\#(role)"}"#
    }
}
