import SystemPackage

/// How a disk image is laid out.
package struct DiskLayout: Hashable, Sendable, Codable {
    package struct Partition: Hashable, Sendable, Codable {
        /// From 1.
        package var number: Int
        package var kind: String
        /// In bytes.
        package var start: Int
        package var bytes: Int
    }
    package var bootLoader: String
    package var partitions: [Partition]
}

/// The file `manifest.json` beside an image's files.
package struct ImageManifest: Hashable, Sendable, Codable {
    package struct File: Hashable, Sendable, Codable {
        package var size: UInt64
        package var sha256: String
    }
    package var name: String
    package var digest: String
    /// All files of the image.
    package var files: [String: File]
    /// The packages that the image was made of, as apt names their files.
    package var packages: [String]
    /// What a disk image has; a ramdisk has none of these.
    package var file: String?
    package var size: UInt64?
    package var sha256: String?
    package var rawSize: UInt64?
    package var layout: DiskLayout?
    /// SHA-256 of the authority's certificate that its programs trust; nil for none.
    package var authority: String?
    /// Words for the kernel's command line that make a ramdisk boot faster; all of them may be left out.
    package var arguments: String?
}

/// An image that is ready to be used.
package struct BuiltImage: Hashable, Sendable {
    package var name: String
    package var digest: String
    /// Its files and their manifest.
    ///
    /// Stays what it is when the image is built anew.
    package var folder: FilePath
    package var manifest: ImageManifest

    /// Whether its programs trust this authority, given as PEM.
    package func trusts(_ authority: String) -> Bool {
        manifest.authority == Digest.hex(of: Array(authority.utf8))
    }

    package func path(of file: String) -> FilePath { folder.appending(file) }
    /// All files together, in bytes.
    package var bytes: UInt64 { manifest.files.values.reduce(0) { $0 + $1.size } }
}
