// Sessions that are open (IPMI 2.0 §22.18 to §22.20).
extension ApplicationDevice {
    func setPrivilege(
        _ data: [UInt8],
        by id: UInt32?,
        in sessions: inout SessionTable
    )
        throws(CompletionFailure) -> Outcome
    {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        guard let id, let session = sessions[id] else { throw CompletionFailure(.insufficientPrivilege) }
        let asksOnly: UInt8 = 0
        if data[0] & 0x0F == asksOnly { return .reply(.success, [session.privilege.rawValue]) }
        guard data[0] & 0xF0 == 0, let level = PrivilegeLevel(rawValue: data[0]), level != .callback else {
            // The vendor's own level is one that no user has here; the rest is reserved (IPMI 2.0 §22.18).
            throw CompletionFailure(data[0] == 0x05 ? .exceedsLimit : .invalidField)
        }
        guard level <= session.limit else { throw CompletionFailure(.exceedsLimit) }
        sessions[id]?.privilege = level
        return .reply(.success, [level.rawValue])
    }

    /// Close Session: one's own, or as administrator anybody's (IPMI 2.0 §22.19).
    func close(
        _ data: [UInt8],
        by id: UInt32?,
        in sessions: SessionTable
    ) throws(CompletionFailure)
        -> Outcome
    {
        guard data.count == 4 || data.count == 5 else { throw CompletionFailure(.wrongLength) }
        guard let id, let closer = sessions[id] else { throw CompletionFailure(.insufficientPrivilege) }
        var reader = ByteReader(data[...])
        let named = reader.littleEndian32() ?? 0
        let target: UInt32
        if named == 0, let handle = reader.byte() {
            guard let session = sessions.inOrder.first(where: { $0.handle == handle }) else {
                throw CompletionFailure(.invalidSessionHandle)
            }
            target = session.id
        } else {
            guard data.count == 4, sessions[named] != nil else { throw CompletionFailure(.invalidSessionID) }
            target = named
        }
        guard target == id || closer.privilege >= .administrator else {
            throw CompletionFailure(.insufficientPrivilege)
        }
        return .close(target)
    }

    /// Get Session Info (IPMI 2.0 §22.20).
    func sessionInfo(
        _ data: [UInt8],
        by id: UInt32?,
        in sessions: SessionTable
    ) throws(CompletionFailure)
        -> Outcome
    {
        guard let index = data.first else { throw CompletionFailure(.wrongLength) }
        var reader = ByteReader(data.dropFirst())
        let found: Session?
        switch index {
        case 0x00: found = id.flatMap { sessions[$0] }
        case 0xFE:
            guard let handle = reader.byte() else { throw CompletionFailure(.wrongLength) }
            found = sessions.inOrder.first { $0.handle == handle }
        case 0xFF:
            guard let id = reader.littleEndian32() else { throw CompletionFailure(.wrongLength) }
            found = sessions[id]
        default:
            let all = sessions.inOrder
            found = Int(index) <= all.count ? all[Int(index) - 1] : nil
        }
        guard reader.rest.isEmpty else { throw CompletionFailure(.wrongLength) }
        let counts = [UInt8(sessions.limits.sessions), UInt8(sessions.sessions.count)]
        guard let found else { return .reply(.success, [0x00] + counts) }
        let version: UInt8 = found.isVersion2 ? 0x10 : 0x00
        var answer = [found.handle] + counts
        answer += [found.userID, found.privilege.rawValue, version | Channel.number]
        answer += found.client.octets + [0, 0, 0, 0, 0, 0]  // Its MAC address is not known here.
        answer.append(littleEndian: found.client.port)
        return .reply(.success, answer)
    }
}
