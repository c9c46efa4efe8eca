/// A request in the LAN message format (IPMI 2.0 §13.8).
package struct Request: Hashable, Sendable {
    /// Whom it is for; the BMC is 0x20.
    package var responder: UInt8
    package var function: UInt8
    package var responderUnit: UInt8
    package var requester: UInt8
    /// The requester's number for it, 0 to 63; a repetition has the same.
    package var sequence: UInt8
    package var requesterUnit: UInt8
    package var code: UInt8
    package var data: [UInt8]

    /// The BMC's slave address (IPMI 2.0 §5.3, Table 5-4).
    package static let bmcAddress: UInt8 = 0x20
    /// The address that remote consoles use (IPMI 2.0 §5.4, software IDs).
    package static let consoleAddress: UInt8 = 0x81

    package init(
        function: UInt8,
        code: UInt8,
        data: [UInt8] = [],
        sequence: UInt8 = 0,
        responder: UInt8 = bmcAddress
    ) {
        (self.function, self.code, self.data, self.sequence) = (function, code, data, sequence)
        (self.responder, responderUnit, requester, requesterUnit) = (responder, 0, Self.consoleAddress, 0)
    }

    package init(decoding bytes: [UInt8]) throws(PacketError) {
        guard bytes.count >= 7 else { throw .wrongLength }
        guard bytes[..<3].checksum == 0, bytes[3...].checksum == 0 else { throw .wrongChecksum }
        responder = bytes[0]
        (function, responderUnit) = (bytes[1] >> 2, bytes[1] & 0x03)
        requester = bytes[3]
        (sequence, requesterUnit) = (bytes[4] >> 2, bytes[4] & 0x03)
        code = bytes[5]
        data = Array(bytes[6..<bytes.count - 1])
        // An odd network function is a response (IPMI 2.0 §5.1).
        guard function & 1 == 0 else { throw .notForUs }
    }

    package var encoded: [UInt8] {
        var head = [responder, function << 2 | responderUnit]
        head.append(head[...].checksum)
        var body = [requester, sequence << 2 | requesterUnit, code] + data
        body.append(body[...].checksum)
        return head + body
    }

    /// The response to it, as a LAN message.
    func encodedResponse(_ completion: CompletionCode, _ data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 24)
        bytes.append(requester)
        bytes.append((function | 1) << 2 | requesterUnit)
        bytes.append(bytes[...].checksum)
        bytes.append(responder)
        bytes.append(sequence << 2 | responderUnit)
        bytes.append(code)
        bytes.append(completion.rawValue)
        bytes += data
        bytes.append(bytes[3...].checksum)
        return bytes
    }
}

extension ArraySlice<UInt8> {
    /// What makes the sum of these bytes and itself 0 (IPMI 2.0 §13.8, two's complement checksum).
    var checksum: UInt8 { 0 &- reduce(0, &+) }
}
