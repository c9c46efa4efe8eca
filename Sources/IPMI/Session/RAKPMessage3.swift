/// The remote console proves that it knows the password (IPMI 2.0 §13.22).
struct RAKPMessage3: Hashable, Sendable {
    var tag: UInt8
    /// What the console thinks of RAKP message 2; anything but 0 ends the log-in.
    var status: UInt8
    var managedID: UInt32
    var proof: [UInt8]

    /// Nil when it ends before the proof.
    init?(decoding bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard let tag = reader.byte(), let status = reader.byte(), reader.bytes(2) != nil,
            let managedID = reader.littleEndian32()
        else { return nil }
        (self.tag, self.status, self.managedID, proof) = (tag, status, managedID, Array(reader.rest))
    }

    /// RAKP message 4 (IPMI 2.0 §13.23); without a proof when it says no.
    func reply(_ status: SessionStatus, consoleID: UInt32, proof: [UInt8] = []) -> [UInt8] {
        var bytes = [tag, status.rawValue, 0, 0]
        bytes.append(littleEndian: consoleID)
        return bytes + proof
    }
}
