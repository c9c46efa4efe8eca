/// The remote console says who logs in, and sends its random number (IPMI 2.0 §13.20).
struct RAKPMessage1: Hashable, Sendable {
    var tag: UInt8
    var managedID: UInt32
    var random: [UInt8]
    /// With the look-up bit, as it was sent.
    var role: UInt8
    /// As it was sent; the name is what follows, whatever its length.
    var nameLength: UInt8
    var name: [UInt8]

    /// Bit 4 of the role: search by name alone.
    private static let nameOnly: UInt8 = 0x10

    /// Nil when it ends before the name.
    init?(decoding bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard let tag = reader.byte(), reader.bytes(3) != nil, let managedID = reader.littleEndian32(),
            let random = reader.bytes(16), let role = reader.byte(), reader.bytes(2) != nil,
            let length = reader.byte()
        else { return nil }
        (self.tag, self.managedID, self.random, self.role) = (tag, managedID, Array(random), role)
        (nameLength, name) = (length, Array(reader.rest))
    }

    /// The level asked for; nil when the standard reserves that number or it is a vendor's.
    var privilege: PrivilegeLevel? { role & 0xE0 == 0 ? PrivilegeLevel(rawValue: role & 0x0F) : nil }

    /// The user who logs in, or why they may not.
    func user(
        among users: UserTable,
        upTo maximum: PrivilegeLevel
    ) throws(SessionStatus) -> (id: UInt8, user: User) {
        guard name.count == nameLength, name.count <= Account.longestName else { throw .invalidNameLength }
        guard let privilege else { throw .invalidRole }
        guard privilege <= maximum else { throw .unauthorizedRole }
        let named = users.named(name)
        guard let first = named.first else { throw .unauthorizedName }
        let searchesByNameOnly = role & Self.nameOnly != 0
        // By name and level: one user name may stand for several users, each with their own level and password.
        let exact = named.first { $0.level == privilege }
        let found = searchesByNameOnly ? first : exact ?? named.first { privilege <= $0.level } ?? first
        guard privilege <= found.level else { throw .unauthorizedRole }
        return (found.id, found.user)
    }

    /// RAKP message 2 (IPMI 2.0 §13.21).
    func reply(_ exchange: KeyExchange) -> [UInt8] {
        refusal(.success, consoleID: exchange.consoleID) + exchange.managedRandom + exchange.guid
            + exchange.managedProof
    }

    /// RAKP message 2 that says no, which ends after the console's session ID.
    func refusal(_ status: SessionStatus, consoleID: UInt32) -> [UInt8] {
        var bytes = [tag, status.rawValue, 0, 0]
        bytes.append(littleEndian: consoleID)
        return bytes
    }
}
