/// A make of BMC: how it names itself, what it can, and what it does wrong, as people have reported it.
package enum VendorProfile: String, Sendable, CaseIterable, Codable {
    /// As the standard has it.
    case wellBehaved = "well-behaved"
    /// Once may mean for ever: metal-stack/metal-core #19, where a boot device for one boot came to stay. SHA-256 came
    /// to such boards late or never: ipmitool/ipmitool #29.
    case supermicroX9 = "supermicro-x9"
    /// Few sessions, «insufficient resources for session» under load: openshift-kni/baremetal-deploy #481. Power on is
    /// an error for a server that is on: dell/dellemc-openmanage-ansible-modules #132.
    case dellIDRAC9 = "dell-idrac9"
    /// Cipher suite 17 alone: bmc-toolbox/bmclib #324. The chassis stays «off» for a while after it was powered on:
    /// openbmc/openbmc #804 and #2139.
    case openBMC = "openbmc"
    /// Four sessions, and no fifth until one has been silent for a minute: ipmitool/ipmitool #213.
    case ciscoIMC = "cisco-imc"

    /// A sentence without its full stop.
    package var summary: String {
        switch self {
        case .wellBehaved: "As the standard has it"
        case .supermicroX9: "Boot devices for once hold for every boot; cipher suite 3 alone"
        case .dellIDRAC9: "Six sessions; power on is an error for a machine that is on"
        case .openBMC: "Cipher suite 17 alone; reports the power as it was 10 s ago"
        case .ciscoIMC: "Four sessions"
        }
    }

    /// Where people have reported it.
    package var reports: [String] {
        switch self {
        case .wellBehaved: []
        case .supermicroX9: ["metal-stack/metal-core#19", "ipmitool/ipmitool#29"]
        case .dellIDRAC9:
            ["openshift-kni/baremetal-deploy#481", "dell/dellemc-openmanage-ansible-modules#132"]
        case .openBMC: ["bmc-toolbox/bmclib#324", "openbmc/openbmc#804", "openbmc/openbmc#2139"]
        case .ciscoIMC: ["ipmitool/ipmitool#213"]
        }
    }

    package var suites: [CipherSuite] {
        switch self {
        case .wellBehaved, .dellIDRAC9, .ciscoIMC: CipherSuite.standard
        case .supermicroX9: [.sha1SignedEncrypted]
        case .openBMC: [.sha256SignedEncrypted]
        }
    }

    /// How many sessions there may be at a time.
    package var sessions: Int {
        switch self {
        case .wellBehaved, .supermicroX9: SessionTable.Limits().sessions
        case .dellIDRAC9: 6
        case .openBMC: 15
        case .ciscoIMC: 4
        }
    }

    package var misbehaviours: [Misbehaviour] {
        switch self {
        case .wellBehaved, .ciscoIMC: []
        case .supermicroX9: [.bootSticks]
        case .dellIDRAC9: [.onWhenOnFails]
        case .openBMC: [.powerStale(.seconds(10))]
        }
    }

    /// What Get Device ID says of it.
    package var identity: DeviceIdentity {
        switch self {
        case .wellBehaved: DeviceIdentity()
        case .supermicroX9: DeviceIdentity(manufacturer: 47488, product: 43707, firmware: (3, 0x48))
        case .dellIDRAC9: DeviceIdentity(manufacturer: 674, product: 256, firmware: (4, 0x20))
        case .openBMC: DeviceIdentity(manufacturer: 42817, product: 16975, firmware: (2, 0x09))
        case .ciscoIMC: DeviceIdentity(manufacturer: 5771, product: 0, firmware: (4, 0x01))
        }
    }
}

/// What a BMC calls itself in the answer to Get Device ID (IPMI 2.0 §20.1).
package struct DeviceIdentity: Hashable, Sendable {
    /// By its number at IANA; 0 for none.
    package var manufacturer: UInt32
    /// The manufacturer's own number.
    package var product: UInt16
    package var firmwareMajor: UInt8
    /// Two decimal digits, four bits each.
    package var firmwareMinor: UInt8

    package init(manufacturer: UInt32 = 0, product: UInt16 = 0, firmware: (UInt8, UInt8) = (1, 0)) {
        (self.manufacturer, self.product) = (manufacturer, product)
        (firmwareMajor, firmwareMinor) = firmware
    }

    /// The answer with these names in it.
    func sign(_ deviceID: [UInt8]) -> [UInt8] {
        var answer = Array(deviceID.prefix(6))
        (answer[2], answer[3]) = (firmwareMajor & 0x7F, firmwareMinor)
        answer += [
            UInt8(manufacturer & 0xFF), UInt8(manufacturer >> 8 & 0xFF), UInt8(manufacturer >> 16 & 0x0F),
        ]
        answer.append(littleEndian: product)
        return answer
    }
}
