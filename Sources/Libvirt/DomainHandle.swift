import Clibvirt
import Glibc

/// The one owner of a `virDomainPtr`; lives for one call.
struct DomainHandle: ~Copyable {
    let pointer: virDomainPtr
    let subject: String

    init(named name: String, on connection: Connection) throws(LibvirtError) {
        subject = "domain \"\(name)\""
        guard let pointer = virDomainLookupByName(connection.pointer, name) else {
            throw .last("virDomainLookupByName", on: subject)
        }
        self.pointer = pointer
    }

    /// Defines the domain, or replaces what its next power-on will use.
    init(defining xml: String, as name: String, on connection: Connection) throws(LibvirtError) {
        subject = "domain \"\(name)\""
        guard let pointer = virDomainDefineXMLFlags(connection.pointer, xml, 0) else {
            throw .last("virDomainDefineXMLFlags", on: subject)
        }
        self.pointer = pointer
    }

    deinit { virDomainFree(pointer) }

    /// Makes one call on it and throws what libvirt says if the result is negative.
    @discardableResult
    func call(_ name: String, _ body: (virDomainPtr) -> Int32) throws(LibvirtError) -> Int32 {
        let result = body(pointer)
        guard result >= 0 else { throw .last(name, on: subject) }
        return result
    }

    func status() throws(LibvirtError) -> (state: DomainState, reason: Int32) {
        var (state, reason) = (Int32(0), Int32(0))
        try call("virDomainGetState") { virDomainGetState($0, &state, &reason, 0) }
        return (DomainState(state), reason)
    }

    /// Sends QEMU a command in its own language (QMP) and gives back its answer, an error object included.
    func monitor(_ command: String) throws(LibvirtError) -> String {
        var answer: UnsafeMutablePointer<CChar>?
        defer { free(answer) }
        try call("virDomainQemuMonitorCommand") { virDomainQemuMonitorCommand($0, command, &answer, 0) }
        return answer.map { String(cString: $0) } ?? ""
    }
}
