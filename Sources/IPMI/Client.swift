/// Where a datagram came from, and so where its answer goes.
///
/// A session is not tied to it: its packets prove themselves.
package struct Client: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address in host order: 10.0.0.1 is 0x0A000001.
    package var address: UInt32
    package var port: UInt16
    /// Which of the BMC's own addresses it has spoken to: there is a new one each time that the BMC moves.
    package var way: UInt8 = 0

    package init(address: UInt32, port: UInt16) { (self.address, self.port) = (address, port) }

    /// The four octets, the network's first.
    var octets: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> $0) } }

    package var description: String { octets.map(String.init).joined(separator: ".") + ":\(port)" }
}
