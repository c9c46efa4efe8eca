import LabModel
import NIOCore

/// Knows the lab's nodes by name, and gives every name outside an address of its own; a value: a question in, an answer out.
struct NameServer: Sendable {
    private let nodes: [String: IPv4Address]
    private let nodeNames: [IPv4Address: String]
    private let outside: OutsideNames

    init(nodes: [String: IPv4Address], outside: OutsideNames) {
        // No question can have a label of more than 63 bytes, nor may an answer (RFC 1035 §2.3.4).
        let names = nodes.filter { $0.key.split(separator: ".").allSatisfy { $0.utf8.count <= 63 } }
        self.nodes = Dictionary(names.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
        nodeNames = Dictionary(self.nodes.map { ($0.value, $0.key) }) { min($0, $1) }
        self.outside = outside
    }

    func answer(to query: DNSQuery) -> DNSAnswer {
        // An unknown version of EDNS is answered with BADVERS, whose low bits are NOERROR (RFC 6891 §6.1.3).
        if let version = query.extensionVersion, version != 0 { return DNSAnswer(code: .noError) }
        guard query.klass == DNS.classInternet, query.type != DNS.RecordType.axfr else {
            return DNSAnswer(code: .notImplemented)
        }
        let name = query.text
        if name.hasSuffix(".in-addr.arpa") { return reverse(query, name) }
        guard let found = address(of: name, in: query) else {
            return DNSAnswer(code: Self.isOutside(query.name) ? .serverFailure : .nameError)
        }
        // A name that exists, without a record of the type: no error and no records (RFC 2308 §2.2).
        let wanted = query.type == DNS.RecordType.a || query.type == DNS.RecordType.any
        return DNSAnswer(code: .noError, records: wanted ? [.address(found.bits)] : [])
    }

    private func address(of name: String, in query: DNSQuery) -> IPv4Address? {
        if let node = nodes[name] { return node }
        // RFC 6761 §6.3: localhost never leaves the asking machine.
        if name == "localhost" || name.hasSuffix(".localhost") { return IPv4Address(bits: 0x7F00_0001) }
        return Self.isOutside(query.name) ? outside.address(of: name) : nil
    }

    /// 9.7.18.198.in-addr.arpa → the name that was given 198.18.7.9 (RFC 1035 §3.5).
    private func reverse(_ query: DNSQuery, _ name: String) -> DNSAnswer {
        let digits = name.dropLast(".in-addr.arpa".count).split(separator: ".").reversed().joined(
            separator: "."
        )
        guard let address = IPv4Address(digits), let owner = nodeNames[address] ?? outside.name(at: address)
        else {
            return DNSAnswer(code: .nameError)
        }
        let wanted = query.type == DNS.RecordType.ptr || query.type == DNS.RecordType.any
        let labels = owner.split(separator: ".").map { Array($0.utf8) }
        return DNSAnswer(code: .noError, records: wanted ? [.pointer(labels)] : [])
    }

    /// Whether a host outside may have this name: letters, digits and hyphens, a domain, and none that RFC 6761,
    /// RFC 6762, RFC 8375 and ICANN set aside for use inside.
    private static func isOutside(_ labels: [[UInt8]]) -> Bool {
        let set: Set<String> = [
            "local", "localhost", "localdomain", "invalid", "onion", "internal", "arpa", "lan", "home",
        ]
        guard labels.count >= 2, let top = labels.last,
            !set.contains(String(decoding: top, as: UTF8.self).lowercased()),
            !top.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        return labels.allSatisfy { label in
            label.first != UInt8(ascii: "-")
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
                    default: false
                    }
                }
        }
    }
}
