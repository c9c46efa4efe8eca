import LabModel

/// Which servers' TLS is opened with the user's authority, so that it can be looked at, recorded and broken, and which
/// passes unread.
package struct HTTPSPolicy: Hashable, Sendable {
    package enum Treatment: String, Hashable, Sendable, CaseIterable { case open, pass }

    /// Servers' names, in any case of letters, that are treated otherwise than usual; who is in both passes.
    package var open: [TextPattern]
    package var pass: [TextPattern]
    /// For all others; nil lets pass what is fetched anew each time, and opens what could not be served otherwise.
    package var usual: Treatment?

    package init(open: [TextPattern] = [], pass: [TextPattern] = [], usual: Treatment? = nil) {
        (self.open, self.pass, self.usual) = (open.map(\.ofHosts), pass.map(\.ofHosts), usual)
    }

    /// What the lab itself serves can only be opened.
    func treatment(of name: String, isOwn: Bool, in mode: UplinkMode) -> Treatment {
        if isOwn { return .open }
        if pass.contains(where: { $0.matches(name) }) { return .pass }
        if open.contains(where: { $0.matches(name) }) { return .open }
        return usual ?? (mode == .direct ? .pass : .open)
    }
}
