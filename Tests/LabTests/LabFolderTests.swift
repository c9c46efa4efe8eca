import Foundation
import TestSupport
import Testing

@testable import Lab

@Suite("A lab's folder")
struct LabFolderTests {
    private static let state = StateFolders(environment: ["XDG_STATE_HOME": "/s"], isRoot: false)

    @Test(
        "takes a name that folder, host and socket can have",
        arguments: [
            "pod1", "pod1-b", "0", String(repeating: "a", count: 32),
        ]
    )
    func good(name: String) throws {
        let folder = try LabFolder(name: name, in: Self.state)
        #expect(folder.path == "/s/vlab/labs/\(name)")
        #expect(folder.disk(1, of: "ctl01") == "/s/vlab/labs/\(name)/disks/ctl01-1.raw")
    }

    @Test(
        "refuses any other, and says which are good",
        arguments: [
            "", "-pod", "Pod1", "pod_1", "../x", "a/b", ".", "pöd", "pod 1",
            String(repeating: "a", count: 33),
        ]
    )
    func bad(name: String) throws {
        let error = #expect(throws: LabError.self) { try LabFolder(name: name, in: Self.state) }
        #expect(try #require(error).hint?.contains("a–z") == true)
    }

    @Test("is refused where libvirt's socket would not fit in its path")
    func longPath() throws {
        let deep = "/" + String(repeating: "d", count: 60)
        let state = StateFolders(environment: ["XDG_STATE_HOME": deep], isRoot: false)
        #expect(throws: Never.self) { try LabFolder(name: "p", in: state) }
        let error = #expect(throws: LabError.self) {
            try LabFolder(name: String(repeating: "p", count: 32), in: state)
        }
        #expect(try #require(error).hint?.contains("XDG_STATE_HOME") == true)
    }

    @Test("lies in root's place or the user's, as the environment says, and never at a relative path")
    func places() {
        let home = ["HOME": "/h/me"]
        #expect(StateFolders(environment: home, isRoot: true).labs == "/var/lib/vlab/labs")
        #expect(StateFolders(environment: home, isRoot: false).labs == "/h/me/.local/state/vlab/labs")
        #expect(StateFolders(environment: home, isRoot: true).authority == "/var/lib/vlab/authority")
        #expect(StateFolders(environment: home, isRoot: false).images == "/h/me/.cache/vlab/images")
        let relative = home.merging(["XDG_STATE_HOME": "x", "XDG_CACHE_HOME": "y"]) { $1 }
        #expect(StateFolders(environment: relative, isRoot: false).labs == "/h/me/.local/state/vlab/labs")
        #expect(StateFolders(environment: relative, isRoot: false).cache == "/h/me/.cache/vlab")
    }

    @Test("is the same for a plain user and for the root of that user's sandbox")
    func handedOver() {
        for environment in [["HOME": "/h/me"], ["HOME": "/h/me", "XDG_STATE_HOME": "/s/t"]] {
            for isRoot in [true, false] {
                let own = StateFolders(environment: environment, isRoot: isRoot)
                let handed = environment.merging(own.environment) { $1 }
                let inside = StateFolders(environment: handed, isRoot: true)
                #expect(inside.labs == own.labs && inside.runs == own.runs && inside.cache == own.cache)
                #expect(inside.authority == own.authority)
            }
        }
    }

    @Test("is listed by name; what is no lab's is not")
    func listed() async throws {
        try await withScratchFolder { folder in
            let state = StateFolders(environment: ["XDG_STATE_HOME": folder], isRoot: false)
            #expect(try state.all() == [])
            for name in ["pod2", "pod1", "Not A Lab"] {
                try FileManager.default.createDirectory(
                    atPath: "\(state.labs)/\(name)",
                    withIntermediateDirectories: true
                )
            }
            #expect(try state.all().map(\.name) == ["pod1", "pod2"])
        }
    }
}
