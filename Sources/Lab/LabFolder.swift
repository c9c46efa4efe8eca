import Foundation
import Glibc
import LabModel

/// Where a lab keeps its files.
package struct LabFolder: Sendable, Hashable {
    package let name: String
    package let path: String

    package var record: String { "\(path)/lab.json" }
    package var controlSocket: String { "\(path)/control.sock" }
    package var supervisorLog: String { "\(path)/supervisor.log" }
    /// Where the helper outside the sandbox is asked for connections, while there is one.
    package var uplinkSocket: String { "\(path)/uplink.sock" }
    package var uplinkLog: String { "\(path)/uplink.log" }
    package var events: String { "\(path)/events.jsonl" }
    package var engine: String { "\(path)/engine" }
    /// What is in a machine's drive, while it is.
    package func media(of node: String) -> String { "\(path)/media/\(node)" }
    package func disk(_ index: Int, of node: String) -> String { "\(path)/disks/\(node)-\(index).raw" }
    package func console(of node: String) -> String { "\(path)/consoles/\(node).log" }

    package var exists: Bool { FileManager.default.fileExists(atPath: record) }

    /// A name is a folder's, a host name's and part of a socket's path.
    package init(name: String, in state: StateFolders) throws {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyz0123456789-")
        guard !name.isEmpty, name.count <= 32, name.unicodeScalars.allSatisfy(allowed.contains),
            !name.hasPrefix("-")
        else {
            throw LabError(
                "lab \"\(name)\"",
                "not a name for a lab",
                hint: "use up to 32 of a–z, 0–9 and -, for example pod1-b"
            )
        }
        self.name = name
        path = "\(state.labs)/\(name)"
        // A Unix socket's path has 107 bytes (unix(7)); libvirt's is the longest of a lab.
        let longest = "\(path)/libvirt/run/libvirt-sock-ro"
        guard longest.utf8.count <= 107 else {
            throw LabError(
                "lab \"\(name)\"",
                "\(longest) is too long for a socket",
                hint: "set XDG_STATE_HOME to a shorter path"
            )
        }
    }
}

/// What a lab was made from, kept in its folder.
package struct LabRecord: Sendable, Codable, Hashable {
    package var pod: Pod
    /// The pod's files, as absolute paths.
    package var files: [String]
    /// SHA-256 over the files, to tell whether another pod's files took the name.
    package var digest: String
    package var created: Date
    /// Made by a run and gone with it; nil for a lab that stays.
    package var isForOneRun: Bool?
    /// Nil in the records of older labs, which have none.
    package var uplink: UplinkSettings?
    /// What becomes of HTTPS; nil for what the uplink's mode suggests.
    package var https: LabSettings.HTTPS?
    /// How much all that is recorded may take while the lab records; nil for the usual.
    package var cacheSize: Memory?

    package init(pod: Pod, files: [String], digest: String, created: Date) {
        (self.pod, self.files, self.digest, self.created) = (pod, files, digest, created)
    }
}

/// The user's folders for labs, runs and cached things (XDG base directories; root's labs are the system's).
package struct StateFolders: Sendable {
    package let labs: String
    package let runs: String
    /// Of all labs: what vouches for their BMCs, and for servers outside.
    package let authority: String
    package let cache: String
    package var images: String { "\(cache)/images" }
    /// Images of containers, each in the OCI image layout, for the lab's registry.
    package var registry: String { "\(cache)/registry" }
    /// What was downloaded and recorded.
    package var downloads: String { "\(cache)/downloads" }
    package var libvirtCache: String { "\(cache)/libvirt" }
    package var accelerator: String { "\(cache)/accelerator.json" }

    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        isRoot: Bool = geteuid() == 0
    ) {
        let home = environment["HOME"] ?? "/"
        func folder(_ variable: String, _ usual: String) -> String {
            guard let path = environment[variable], path.hasPrefix("/") else { return usual }
            return path
        }
        let state =
            isRoot && environment["XDG_STATE_HOME"] == nil
            ? "/var/lib/vlab" : folder("XDG_STATE_HOME", "\(home)/.local/state") + "/vlab"
        labs = "\(state)/labs"
        runs = "\(state)/runs"
        authority = "\(state)/authority"
        cache = folder("XDG_CACHE_HOME", "\(home)/.cache") + "/vlab"
    }

    /// What leads another process to the same folders, also where it is somebody else: in a plain user's sandbox
    /// the supervisor is root.
    package var environment: [String: String] {
        func above(_ path: String, _ levels: Int) -> String {
            path.split(separator: "/").dropLast(levels).reduce("") { "\($0)/\($1)" }
        }
        return ["XDG_STATE_HOME": above(labs, 2), "XDG_CACHE_HOME": above(cache, 1)]
    }

    /// Every lab that has a folder, by name.
    package func all() throws -> [LabFolder] {
        guard FileManager.default.fileExists(atPath: labs) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: labs).sorted()
            .compactMap { try? LabFolder(name: $0, in: self) }  // what is not a lab's name is not a lab
    }
}
