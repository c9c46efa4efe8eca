import ArgumentParser
import IPMI

struct BMCProfiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "List the makes of BMCs that a pod may have, with the quirks that people have reported.",
        discussion: """
            A pod's lab.yml chooses one, for all nodes, for a role or for a node:
              bmc: {profile: dell-idrac9}
              roles: {compute: {bmc: {profile: openbmc}}}
              nodes: {ctl01: {bmc: {profile: supermicro-x9}}}
            Example: vlab bmc profiles --format json
            """
    )
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Row: Encodable {
        var profile, summary: String
        var suites: [UInt8]
        var sessions: Int
        var misbehaviours, reports: [String]
    }

    func run() async throws {
        let rows = VendorProfile.allCases.map { profile in
            Row(
                profile: profile.rawValue,
                summary: profile.summary,
                suites: profile.suites.map(\.rawValue),
                sessions: profile.sessions,
                misbehaviours: profile.misbehaviours.map(\.kind),
                reports: profile.reports
            )
        }
        try show(rows, as: format) {
            Table(
                header: ["PROFILE", "WHAT IT DOES", "REPORTED IN"],
                rows: rows.map { [$0.profile, $0.summary, $0.reports.joined(separator: ", ")] }
            )
        }
    }
}
