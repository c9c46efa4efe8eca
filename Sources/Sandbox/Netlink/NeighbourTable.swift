import LabModel

/// Who answered for which address, by ARP or neighbour discovery: tells a node by its card, whatever address it has now.
package enum NeighbourTable {
    /// RTM_NEWNEIGH and RTM_GETNEIGH of rtnetlink(7).
    private static let (entry, question) = (UInt16(28), UInt16(30))
    /// NDA_DST and NDA_LLADDR of <linux/neighbour.h>.
    private static let (address, card) = (UInt16(1), UInt16(2))

    /// All that the kernel knows now, on all switches.
    package static func current() throws(SandboxError) -> [IPAddress: MACAddress] {
        let socket = try NetlinkSocket(.route)
        // NLM_F_REQUEST and NLM_F_DUMP; `struct ndmsg` of any family.
        try socket.send(NetlinkMessage(type: question, flags: 0x0301, body: [UInt8](repeating: 0, count: 12)))
        var found: [IPAddress: MACAddress] = [:]
        while true {
            for message in try socket.receive() {
                switch message.type {
                case NetlinkMessage.done: return found
                case NetlinkMessage.error: throw .unsupported("this kernel does not tell its neighbours")
                case entry: if let (address, card) = read(message) { found[address] = card }
                default: break
                }
            }
        }
    }

    /// Nil for one that is not known by its card (yet).
    static func read(_ message: NetlinkMessage) -> (IPAddress, MACAddress)? {
        let attributes = message.attributes(behind: 12)
        guard let bytes = attributes[address], let octets = attributes[card],
            let card = MACAddress(octets: octets)
        else { return nil }
        return IPAddress(bytes: bytes).map { ($0, card) }
    }
}
