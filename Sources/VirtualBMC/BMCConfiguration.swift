import Foundation
import IPMI
import LabModel

/// Whose BMC it is, where it answers and to whom.
package struct BMCConfiguration: Sendable {
    package var node: String
    /// The machine's, as in its SMBIOS.
    package var uuid: String
    package var address: IPv4Address
    /// 0 takes any free port.
    package var port: Int
    package var accounts: [Account]
    package var suites: [CipherSuite]
    /// The network that its address is in.
    package var netmask = IPv4Address(bits: 0xFFFF_FF00)
    /// How long its old address answers after it was given another one.
    package var farewell: Duration = .seconds(5)
    /// How long it answers nothing when it is told to restart.
    package var downtime = Downtime()
    /// The machine's, for the inventory and the sensors.
    package var serial = ""
    package var processors = 1
    package var memory = Memory.gibibytes(1)
    package var nics: [NIC] = []
    /// What make it is.
    package var profile = VendorProfile.wellBehaved

    /// The port that IPMI is at (IPMI 2.0 §13.1.2).
    package static let standardPort = 623

    package init(
        node: String,
        uuid: String,
        address: IPv4Address,
        port: Int = standardPort,
        accounts: [Account],
        suites: [CipherSuite] = CipherSuite.standard
    ) {
        (self.node, self.uuid, self.address, self.port) = (node, uuid, address, port)
        (self.accounts, self.suites) = (accounts, suites)
    }

    /// What a pod says of a node's BMC; nil for a node without one.
    package init?(_ node: Node, port: Int = standardPort) {
        guard let access = node.bmc else { return nil }
        self.init(
            node: node.name,
            uuid: node.uuid,
            address: access.address,
            port: port,
            accounts: [Account(name: access.user, password: access.password)]
        )
        profile = access.profile.flatMap(VendorProfile.init) ?? .wellBehaved
        suites = profile.suites
        (serial, processors, memory, nics) = (node.serial, node.cpus, node.memory, node.nics)
    }

    /// The state machine of this BMC.
    func makeBMC() throws(BMCError) -> BMC {
        for account in accounts {
            guard account.name.utf8.count <= Account.longestName else {
                throw .badAccount(
                    node: node,
                    reason: "user name \"\(account.name)\" has more than \(Account.longestName) bytes"
                )
            }
            guard account.password.utf8.count <= Account.longestPassword else {
                throw .badAccount(
                    node: node,
                    reason: "password of \"\(account.name)\" has more than \(Account.longestPassword) bytes"
                )
            }
        }
        var limits = SessionTable.Limits()
        limits.sessions = profile.sessions
        var bmc = BMC(try inventory(), accounts: accounts, suites: suites, limits: limits)
        for misbehaviour in profile.misbehaviours {
            bmc.misbehave(
                misbehaviour,
                by: .profile,
                at: .sinceStart,
                machine: MachineState(isPowered: false)
            )
        }
        bmc.downtime = downtime
        return bmc
    }

    /// What the BMC is told of its machine; its times count from now, as this host's clock has it.
    private func inventory() throws(BMCError) -> Inventory {
        var inventory = Inventory(guid: try guid(), name: node, serial: serial.isEmpty ? uuid : serial)
        inventory.network.address = address.bits
        inventory.network.mask = netmask.bits
        // A locally administered address of its own.
        inventory.network.hardwareAddress = [0x02, 0x62, 0x6D] + inventory.guid[..<3].reversed()
        inventory.identity = profile.identity
        inventory.processors = processors
        inventory.memory = Int(memory.bytes >> 20)
        inventory.nics = nics.map { .init(name: $0.name, address: $0.mac.octets) }
        let epoch = Date().timeIntervalSince1970 - Double(Duration.sinceStart.components.seconds)
        inventory.epoch = UInt32(max(0, min(Double(UInt32.max), epoch)))
        return inventory
    }

    /// The UUID as IPMI sends it: last byte first (IPMI 2.0 §20.8).
    private func guid() throws(BMCError) -> [UInt8] {
        let digits = uuid.filter { $0 != "-" }
        guard digits.count == 32, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw .badUUID(node: node, uuid)
        }
        let nibbles = digits.compactMap { $0.hexDigitValue.map(UInt8.init) }
        return stride(from: 30, through: 0, by: -2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }
}
