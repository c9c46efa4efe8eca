/// Whether a node's machine runs.
package enum PowerState: String, Sendable, Codable { case on, off }

/// What a node boots from next, as its BMC was told.
package enum BootDevice: String, Sendable, Codable, CaseIterable { case pxe, disk, cdrom, bios }
