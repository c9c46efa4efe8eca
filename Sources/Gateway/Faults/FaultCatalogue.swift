/// All kinds of faults of the gateway.
package enum FaultCatalogue {
    private static let kinds: [any GatewayFault.Type] = [
        HTTPStall.self,
        TLSExpired.self, TLSHandshakeFailure.self, TLSNotYetValid.self, TLSSelfSigned.self,
        TLSUnknownAuthority.self, TLSVersion.self, TLSWrongName.self,
        DNSServerFailure.self, DNSUnreachable.self,
        NTPUnreachable.self,
    ]

    /// How each is written, in the order of what it is about.
    package static var forms: [FaultForm] { kinds.map { $0.form } }

    /// Makes the fault that a rule names.
    package static func fault(
        _ kind: String,
        _ arguments: [String: String]
    ) throws(FaultError) -> any GatewayFault {
        guard let type = kinds.first(where: { $0.form.name == kind }) else { throw .noSuchKind(kind) }
        return try type.init(FaultArguments(arguments, for: type.form))
    }
}
