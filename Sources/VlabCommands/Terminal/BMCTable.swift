import Foundation
import LabModel
import VirtualBMC

/// BMCs for a person to read.
enum BMCTable {
    static func list(_ bmcs: [BMCStatus]) -> Table {
        Table(
            header: ["NODE", "ADDRESS", "POWER", "SESSIONS", "NEXT BOOT", "PROFILE", "MISBEHAVES"],
            rows: bmcs.map { bmc in
                [
                    bmc.node, "\(bmc.address):\(bmc.port)", power(bmc), "\(bmc.sessions.count)",
                    bmc.boot.map(boot) ?? "–", bmc.profile,
                    bmc.misbehaviours.isEmpty ? "–" : bmc.misbehaviours.map(\.kind).joined(separator: ", "),
                ]
            }
        )
    }

    /// One BMC in several lines.
    static func details(_ bmc: BMCStatus) -> String {
        var lines = [
            "\(bmc.node): BMC at \(bmc.address):\(bmc.port), \(bmc.profile)", "  power      \(power(bmc))",
            "  next boot  \(bmc.boot.map(boot) ?? "as its firmware likes")",
        ]
        lines += section("sessions", bmc.sessions) {
            "\($0.user) from \($0.client), \($0.privilege), heard \(Duration.seconds($0.idleSeconds).brief) ago"
        }
        lines += section("misbehaves", bmc.misbehaviours) { misbehaviour in
            let arguments = misbehaviour.arguments.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            let author =
                switch misbehaviour.author {
                case "hand": "by hand"
                case "profile": "by its profile"
                default: "for fault \(misbehaviour.author)"
                }
            return misbehaviour.kind + arguments.joined() + ", \(author), bit \(misbehaviour.bites)×"
        }
        return lines.joined(separator: "\n")
    }

    private static func section<Item>(_ title: String, _ items: [Item], _ line: (Item) -> String) -> [String]
    {
        let name = title.padding(toLength: 10, withPad: " ", startingAt: 0)
        guard !items.isEmpty else { return ["  \(name) –"] }
        return items.enumerated().map { index, item in
            (index == 0 ? "  \(name) " : "             ") + line(item)
        }
    }

    private static func power(_ bmc: BMCStatus) -> String {
        bmc.power == bmc.reportedPower
            ? bmc.power.rawValue : "\(bmc.power.rawValue), but it says \(bmc.reportedPower.rawValue)"
    }

    private static func boot(_ boot: BMCStatus.Boot) -> String {
        var words = [boot.device, boot.isPersistent ? "always" : "once"]
        if boot.isEFI { words.append("EFI") }
        if let left = boot.lapsesInSeconds { words.append("lapses in \(Duration.seconds(left).brief)") }
        return words.joined(separator: ", ")
    }

    /// Whether an event is about what a BMC did.
    static func isOfBMC(_ event: LabEvent) -> Bool {
        event.event.hasPrefix("ipmi.") || event.event.hasPrefix("redfish.")
            || event.event == "fault.applied" && event.details["kind"]?.hasPrefix("bmc.") == true
    }
}
