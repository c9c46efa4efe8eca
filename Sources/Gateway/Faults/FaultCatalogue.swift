/// All kinds of faults of the gateway.
package enum FaultCatalogue {
    private static let kinds: [any GatewayFault.Type] = [
        HTTPRefuse.self, HTTPReset.self, HTTPStall.self, HTTPSlow.self, HTTPSlowHeader.self,
        HTTPTruncate.self,
        HTTPCorrupt.self, HTTPStatus.self, HTTPMissing.self, HTTPWrongContent.self, HTTPStale.self,
        HTTPExpiredRelease.self, HTTPRedirectLoop.self, HTTPProxyAuth.self, HTTPRangeIgnored.self,
        HTTPEndlessChunks.self, HTTPEmptyReply.self, HTTPMalformedHeader.self, HTTPWrongLength.self,
        RegistryMissingTag.self,
        TCPLatency.self, TCPBandwidth.self, TCPSlowClose.self, TCPTimeout.self, TCPReset.self, TCPSlice.self,
        TCPLimit.self,
        TLSExpired.self, TLSHandshakeFailure.self, TLSNotYetValid.self, TLSSelfSigned.self,
        TLSUnknownAuthority.self, TLSVersion.self, TLSWrongName.self,
        DNSUnreachable.self, DNSServerFailure.self, DNSNoSuchName.self, DNSRefused.self, DNSSlow.self,
        DNSWrongAddress.self, DNSOnlyIPv6.self, DNSIPv6Blackhole.self, DNSTruncated.self,
        NTPUnreachable.self, NTPSlow.self, NTPKissOfDeath.self, NTPUnsynchronized.self, NTPOffset.self,
        NTPJump.self, NTPDrift.self, NTPLeap.self,
    ]

    /// How each is written, in the order of what it is about.
    package static var forms: [FaultForm] { kinds.map { $0.form } }

    /// Whether a kind acts before anything is asked: on connections, whatever their URL or method will be.
    package static func isOfConnections(_ kind: String) -> Bool {
        kinds.contains { $0.form.name == kind && $0 is any ConnectionFault.Type }
    }

    /// Makes the fault that a rule names.
    package static func fault(
        _ kind: String,
        _ arguments: [String: String]
    ) throws(FaultError) -> any GatewayFault {
        guard let type = kinds.first(where: { $0.form.name == kind }) else { throw .noSuchKind(kind) }
        return try type.init(FaultArguments(arguments, for: type.form))
    }
}
