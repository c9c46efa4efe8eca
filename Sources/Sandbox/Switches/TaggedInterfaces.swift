import Glibc
import LabModel

/// The jump host's interfaces on VLANs of the switches.
///
/// Each is a tap, and this process puts the tag on what leaves it, and hands in what comes with the tag: that works on
/// every kernel and in every namespace, while 8021q does not.
package struct TaggedInterfaces: Sendable {
    private let pairs: [Pair]

    /// Makes the taps; they are there as long as this process is.
    init(_ plan: [SandboxPlan.TaggedInterface]) throws(SandboxError) {
        pairs = try plan.map { item throws(SandboxError) in
            Pair(vlan: item.vlan, tap: try Tap(name: item.name), on: item.on)
        }
    }

    /// Until cancelled.
    package func run() async throws {
        let pairs = pairs
        guard !pairs.isEmpty else {
            let (never, _) = AsyncStream<Never>.makeStream()
            for await _ in never {}
            return
        }
        try await PollLoop.run("vlab.tagged") { loop throws(SandboxError) in
            let wires = try pairs.map { pair throws(SandboxError) in try Wire(pair) }
            var buffer = [UInt8](repeating: 0, count: Wire.header + 1 << 17)
            let descriptors = wires.flatMap { [$0.pair.tap.descriptor, $0.socket.descriptor] }
            while let ready = loop.wait(for: descriptors) {
                for (index, wire) in wires.enumerated() {
                    if ready[2 * index] { wire.tag(&buffer) }
                    if ready[2 * index + 1] { wire.untag(&buffer) }
                }
            }
        }
    }

    fileprivate struct Pair: Sendable {
        var vlan: Int
        var tap: Tap
        var on: String
    }
}

/// A tap(4) of this process.
private final class Tap: Sendable {
    let descriptor: Int32

    init(name: String) throws(SandboxError) {
        descriptor = unsafe open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last("open", on: "/dev/net/tun") }
        // `struct ifreq`: the name in 16 bytes, then IFF_TAP, IFF_NO_PI and IFF_VNET_HDR.
        var request = Array(name.utf8.prefix(15))
        request += [UInt8](repeating: 0, count: 40 - request.count)
        (request[16], request[17]) = (0x02, 0x50)
        let status = unsafe request.withUnsafeMutableBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe ioctl(descriptor, 0x4004_54ca, start)  // TUNSETIFF
        }
        guard status == 0 else { throw .last("ioctl(TUNSETIFF)", on: name) }
    }

    deinit { close(descriptor) }
}

/// A tap and the switch that its frames go to with a tag.
private final class Wire {
    /// `struct virtio_net_hdr`.
    static let header = 10
    /// The two addresses, after which the tag is.
    private static let addresses = 12
    /// Others get their turn after so many frames.
    private static let most = 64

    let pair: TaggedInterfaces.Pair
    let socket: PacketSocket
    private let tag: [UInt8]

    init(_ pair: TaggedInterfaces.Pair) throws(SandboxError) {
        self.pair = pair
        socket = try PacketSocket(
            on: pair.on,
            etherType: PacketSocket.allProtocols,
            vlan: pair.vlan,
            offloads: true
        )
        tag = [0x81, 0x00, UInt8(pair.vlan >> 8), UInt8(pair.vlan & 0xff)]
    }

    /// From the jump host to the nodes.
    func tag(_ buffer: inout [UInt8]) {
        for _ in 0..<Self.most {
            guard let count = Descriptor.read(pair.tap.descriptor, &buffer) else { return }
            let split = Self.header + Self.addresses
            guard count > split else { continue }
            // The tap has no offloads, so the header says nothing that the tag makes untrue.
            socket.send(buffer[..<split] + tag + buffer[split..<count])
        }
    }

    /// From the nodes to the jump host: the kernel has taken the tag off already.
    func untag(_ buffer: inout [UInt8]) {
        for _ in 0..<Self.most {
            guard let count = socket.receive(&buffer) else { return }
            Descriptor.write(pair.tap.descriptor, Array(buffer[..<count]))
        }
    }
}
