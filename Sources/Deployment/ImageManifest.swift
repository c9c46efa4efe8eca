/// What a deployment needs to know of the image that is written to the nodes' disks.
package struct ImageFacts: Hashable, Sendable, Codable {
    package var name: String
    package var digest: String
    package var file: String
    package var size: Int
    package var sha256: String

    package init(name: String, digest: String, file: String, size: Int, sha256: String) {
        (self.name, self.digest, self.file, self.size, self.sha256) = (name, digest, file, size, sha256)
    }
}

/// `manifest.json` of the installer: its kernel and ramdisk.
package struct InstallerManifest: Hashable, Sendable, Codable {
    package struct File: Hashable, Sendable, Codable {
        package var size: Int
        package var sha256: String
    }

    package var name: String
    package var digest: String
    package var files: [String: File]
}
