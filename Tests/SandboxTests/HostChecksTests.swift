import Foundation
import LabModel
import TestSupport
import Testing

@testable import Sandbox

@Suite("A look at the host")
struct HostChecksTests {
    @Test("finds nothing lacking where the lab's packages are installed")
    func thisHost() async {
        let lacks = await HostChecks().quick().filter { $0.outcome == .lacks }
        #expect(lacks == [])
    }

    @Test("finds a program in a folder of programs, and not a file that cannot be run")
    func programs() async throws {
        try await withScratchFolder { folder in
            let part = HostPart("vlab-probe", package: "vlab-tools", for: "tests")
            #expect(part.locate(path: folder) == nil)
            try Data().write(to: URL(fileURLWithPath: "\(folder)/vlab-probe"))
            #expect(part.locate(path: folder) == nil)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: "\(folder)/vlab-probe"
            )
            #expect(part.locate(path: "/nowhere:\(folder)") == "\(folder)/vlab-probe")
        }
    }

    @Test("says the package of what lacks, and who may install it", arguments: [true, false])
    func remedy(isRoot: Bool) {
        let check = HostPart("vlab-probe", package: "vlab-tools", for: "tests").check(
            isRoot: isRoot,
            path: ""
        )
        #expect(check.outcome == .lacks)
        let command = "apt-get install --no-install-recommends vlab-tools"
        #expect(check.remedy == (isRoot ? command : "sudo \(command)"))
    }

    @Test("tells a missing tun device from one that may not be opened")
    func device() async throws {
        var checks = HostChecks(isRoot: false)
        checks.tun = "/nowhere/tun"
        let missing = checks.device()
        #expect(missing.outcome == .lacks)
        #expect(missing.remedy?.contains("mknod") == true || missing.remedy == "sudo modprobe tun")
        try await withScratchFolder { folder in
            // A folder cannot be opened for writing, by nobody.
            checks.tun = folder
            #expect(checks.device().outcome == .lacks)
            checks.tun = "/dev/null"
            #expect(checks.device().outcome == .ok)
        }
    }

    @Test("measures a disk by the nearest folder that there is, and says where room lacks")
    func space() {
        let checks = HostChecks()
        #expect(checks.space(for: "labs", at: "/tmp/not/made/yet", needed: .mebibytes(1)).outcome == .ok)
        let lacks = checks.space(for: "labs", at: "/tmp/not/made/yet", needed: .gibibytes(1 << 30))
        #expect(lacks.outcome == .lacks)
        #expect(lacks.remedy?.hasSuffix("df -h /tmp") == true)
        #expect(lacks.found.contains("needed"))
    }

    @Test("counts the memory of all nodes together")
    func memory() {
        let checks = HostChecks()
        #expect(checks.memory(forNodes: 1, each: .mebibytes(1)).outcome == .ok)
        #expect(checks.memory(forNodes: 1 << 20, each: .gibibytes(1)).outcome == .lacks)
    }
}

@Suite("A plain user's namespaces")
struct NamespaceChecksTests {
    @Test("need subordinate ids, of which there are enough")
    func subordinateIDs() async throws {
        try await withHost { host, folder in
            for text in ["", "somebody-else:100000:65536\n", "\(user):100000:10\n"] {
                try text.write(toFile: "\(folder)/subgid", atomically: true, encoding: .utf8)
                let check = try #require(host.forbidden())
                #expect(check.found.contains("\(folder)/subgid"))
                #expect(
                    check.remedy
                        == "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
                )
            }
        }
    }

    @Test(
        "are forbidden by a kernel's setting, whose change is named",
        arguments: [
            ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
            ("kernel.unprivileged_userns_clone", "0", "1"), ("user.max_user_namespaces", "0", "15000"),
        ]
    )
    func setting(key: String, forbids: String, allows: String) async throws {
        try await withHost { host, folder in
            #expect(host.forbidden() == nil)
            let path = "\(folder)/\(key.replacing(".", with: "/"))"
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                withIntermediateDirectories: true
            )
            try "\(allows)\n".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(host.forbidden() == nil)
            try "\(forbids)\n".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(host.forbidden()?.remedy == "sudo sysctl -w \(key)=\(allows)")
        }
    }

    private var user: String { NSUserName() }

    /// A host that allows everything, its files in a folder.
    private func withHost(_ body: (NamespaceChecks, String) throws -> Void) async throws {
        try await withScratchFolder { folder in
            for file in ["subuid", "subgid"] {
                try "\(user):100000:65536\n".write(
                    toFile: "\(folder)/\(file)",
                    atomically: true,
                    encoding: .utf8
                )
            }
            try body(NamespaceChecks(isRoot: false, etc: folder, sysctls: folder), folder)
        }
    }
}
