import IPMI
import LabModel
import Synchronization

/// A BMC as it is at a moment, for whoever looks at it from outside.
package struct BMCStatus: Sendable, Codable {
    /// Somebody who is logged in.
    package struct Session: Sendable, Codable {
        package var user: String
        package var client: String
        package var privilege: String
        package var idleSeconds: Double
    }

    /// What the next boot is to be from.
    package struct Boot: Sendable, Codable {
        package var device: String
        package var isPersistent: Bool
        package var isEFI: Bool
        /// Until it lapses; nil when it does not.
        package var lapsesInSeconds: Double?
    }

    /// Something that it does wrong.
    package struct Misbehaviour: Sendable, Codable {
        package var kind: String
        package var arguments: [String: String]
        /// By whose wish: `profile`, `hand`, or a fault's id.
        package var author: String
        package var bites: Int
    }

    package var node: String
    package var address: String
    package var port: Int
    package var power: PowerState
    /// The power as the BMC reports it.
    package var reportedPower: PowerState
    package var sessions: [Session]
    package var boot: Boot?
    package var misbehaviours: [Misbehaviour]
    /// What make it is.
    package var profile: String
}

extension BMCServer {
    /// What it is busy with now.
    package var status: BMCStatus {
        let power = chassis.powerState
        let machine = MachineState(isPowered: power == .on)
        let overview = bmc.withLock { $0.overview(at: .sinceStart, machine: machine) }
        return BMCStatus(
            node: node,
            address: "\(address)",
            port: port ?? configuration.port,
            power: power,
            reportedPower: overview.reportsPower ? .on : .off,
            sessions: overview.visitors.map {
                BMCStatus.Session(
                    user: $0.user,
                    client: "\($0.client)",
                    privilege: "\($0.privilege)",
                    idleSeconds: $0.idle.inSeconds
                )
            },
            boot: overview.boot.flatMap { flags in
                BootSelection(flags).map {
                    BMCStatus.Boot(
                        device: $0.device.rawValue,
                        isPersistent: $0.isPersistent,
                        isEFI: $0.isEFI,
                        lapsesInSeconds: overview.bootLapsesIn?.inSeconds
                    )
                }
            },
            misbehaviours: overview.misbehaviours.map(BMCStatus.Misbehaviour.init),
            profile: configuration.profile.rawValue
        )
    }

    /// Misbehaves from now on, in that way too.
    package func misbehave(_ misbehaviour: Misbehaviour, by author: Misbehaviour.Author) {
        let machine = MachineState(isPowered: chassis.powerState == .on)
        bmc.withLock { $0.misbehave(misbehaviour, by: author, at: .sinceStart, machine: machine) }
    }

    /// What a request by Redfish meets.
    package func twistRedfish(isChange: Bool, showsPower: Bool) -> RedfishTwist {
        change { bmc, now, _ in bmc.twistRedfish(isChange: isChange, showsPower: showsPower, at: now) }
    }

    /// How much longer it takes what Redfish does for its caller.
    package func delayOfTask() -> Duration { change { bmc, now, _ in bmc.delayOfTask(at: now) } }

    /// Takes back what an author set, all of it or one kind; what was taken back.
    @discardableResult
    package func behave(_ kind: String? = nil, by author: Misbehaviour.Author) -> [String] {
        bmc.withLock { bmc in
            let before = bmc.misbehaviours.filter { $0.author == author }.map(\.misbehaviour.kind)
            bmc.behave(kind, by: author)
            return before.filter { kind == nil || $0 == kind }
        }
    }
}

extension BMCStatus.Misbehaviour {
    init(_ entry: Misbehaving.Entry) {
        let (kind, arguments) = entry.misbehaviour.text
        let author =
            switch entry.author {
            case .profile: "profile"
            case .hand: "hand"
            case .fault(let id): id
            }
        self.init(
            kind: kind,
            arguments: Dictionary(uniqueKeysWithValues: arguments.map { ($0.name, $0.value) }),
            author: author,
            bites: entry.bites
        )
    }
}
