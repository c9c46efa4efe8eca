import Testing

@testable import IPMI

@Suite("A make of BMC")
struct VendorProfileTests {
    @Test("names itself as it does in the answer to Get Device ID", arguments: VendorProfile.allCases)
    func identity(profile: VendorProfile) throws {
        var inventory = Inventory(guid: Console.guid)
        inventory.identity = profile.identity
        let console = Console()
        console.bmc = BMC(inventory, accounts: Console.accounts)
        #expect(try console.logIn() == 0)
        let data = try console.command(0x06, 0x01).data
        #expect(data.count == 11)
        #expect(
            UInt32(data[6]) | UInt32(data[7]) << 8 | UInt32(data[8]) << 16 == profile.identity.manufacturer
        )
        #expect(UInt16(data[9]) | UInt16(data[10]) << 8 == profile.identity.product)
        #expect(data[2] == profile.identity.firmwareMajor && data[3] == profile.identity.firmwareMinor)
    }

    @Test("differs from the standard by something that somebody reported", arguments: VendorProfile.allCases)
    func reported(profile: VendorProfile) {
        let differs =
            !profile.misbehaviours.isEmpty || profile.suites != CipherSuite.standard
            || profile.sessions != SessionTable.Limits().sessions
        #expect(differs == (profile != .wellBehaved))
        #expect(profile.reports.isEmpty == (profile == .wellBehaved))
        #expect(!profile.suites.isEmpty && (1...63).contains(profile.sessions))
    }
}
