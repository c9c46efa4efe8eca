/// What is wrong with a certificate that is issued to be refused.
package enum Flaw: String, Hashable, Sendable, CaseIterable {
    /// Its time was over a month ago.
    case expired
    /// Its time comes in a month.
    case notYetValid = "not-yet-valid"
    /// It is another host's.
    case wrongName = "wrong-name"
    /// Whoever signed it is trusted by nobody.
    case unknownAuthority = "unknown-ca"
    /// It vouches for itself.
    case selfSigned = "self-signed"
}
