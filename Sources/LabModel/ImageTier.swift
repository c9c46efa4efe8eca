/// What a node is installed with: all tiers are the same to the lab, and differ in size and in what they can show.
package enum ImageTier: String, Hashable, Sendable, Codable, CaseIterable {
    /// Kernel, busybox and dropbear: installed in seconds.
    case micro
    /// A full Debian with systemd and Python.
    case debian13
}
