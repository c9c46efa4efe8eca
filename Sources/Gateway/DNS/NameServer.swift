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
        if name.hasSuffix(".arpa") { return reverse(query, name) }
        guard let found = addresses(of: name, in: query) else {
            return DNSAnswer(code: Self.isOutside(query.name) ? .serverFailure : .nameError)
        }
        // A name that exists, without a record of the type: no error and no records (RFC 2308 §2.2).
        let records = found.map { DNSAnswer.Record.address($0) }
        switch query.type {
        case DNS.RecordType.a: return DNSAnswer(code: .noError, records: records.filter(\.isIPv4))
        case DNS.RecordType.aaaa: return DNSAnswer(code: .noError, records: records.filter(\.isIPv6))
        case DNS.RecordType.any: return DNSAnswer(code: .noError, records: records)
        default: return DNSAnswer(code: .noError)
        }
    }

    /// Nil when there is no such name.
    private func addresses(of name: String, in query: DNSQuery) -> [IPAddress]? {
        if let node = nodes[name] { return [.v4(node)] }
        // RFC 6761 §6.3: localhost never leaves the asking machine.
        if name == "localhost" || name.hasSuffix(".localhost") {
            return [.v4(IPv4Address(bits: 0x7F00_0001)), .v6(IPv6Address(bits: 1))]
        }
        let found = Self.isOutside(query.name) ? outside.addresses(of: name) : []
        return found.isEmpty ? nil : found
    }

    /// 9.7.18.198.in-addr.arpa → the name that was given 198.18.7.9 (RFC 1035 §3.5, RFC 3596 §2.5).
    private func reverse(_ query: DNSQuery, _ name: String) -> DNSAnswer {
        guard let address = Self.address(in: name), let owner = owner(of: address) else {
            return DNSAnswer(code: .nameError)
        }
        let wanted = query.type == DNS.RecordType.ptr || query.type == DNS.RecordType.any
        let labels = owner.split(separator: ".").map { Array($0.utf8) }
        return DNSAnswer(code: .noError, records: wanted ? [.pointer(labels)] : [])
    }

    private func owner(of address: IPAddress) -> String? {
        if case .v4(let address) = address, let node = nodeNames[address] { return node }
        return outside.name(at: address)
    }

    /// The address that a name of the reverse tree stands for.
    private static func address(in name: String) -> IPAddress? {
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        guard labels.popLast() == "arpa", let tree = labels.popLast() else { return nil }
        switch tree {
        case "in-addr": return IPv4Address(labels.reversed().joined(separator: ".")).map { .v4($0) }
        case "ip6":
            let digits = labels.reversed().compactMap { $0.utf8.count == 1 ? UInt8($0, radix: 16) : nil }
            guard labels.count == 32, digits.count == 32 else { return nil }
            return .v6(IPv6Address(bits: digits.reduce(0) { $0 << 4 | UInt128($1) }))
        default: return nil
        }
    }

    /// Whether a host outside may have this name: letters, digits and hyphens, a domain, and none that RFC 6761,
    /// RFC 6762, RFC 8375 and ICANN set aside for use inside.
    ///
    /// Hosts have underscores too, against RFC 952; what begins with one is no host, but a service (RFC 8552).
    private static func isOutside(_ labels: [[UInt8]]) -> Bool {
        let set: Set<String> = [
            "local", "localhost", "localdomain", "invalid", "onion", "internal", "arpa", "lan", "home",
        ]
        guard labels.count >= 2, let top = labels.last,
            !set.contains(String(decoding: top, as: UTF8.self).lowercased()),
            !top.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        return labels.allSatisfy { label in
            label.first != UInt8(ascii: "-") && label.first != UInt8(ascii: "_")
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }
}
