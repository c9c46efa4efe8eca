import Deployment
import Foundation
import PodSpec

/// A folder of one test, removed with its owner; in memory where the system has such a place.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let root =
            FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        path = "\(root)/vdeploy-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A folder that stays behind harms nothing.
        try? FileManager.default.removeItem(atPath: path)
    }

    static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/\(name)").path
    }

    static func request(policy: String, pod: String = "pod1") -> DeployRequest {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
                "Scenarios/pods/\(pod)"
            )
        return DeployRequest(
            pod: PodFiles(
                network: folder.appendingPathComponent("network.yml").path,
                dha: folder.appendingPathComponent("dha.yml").path
            ),
            policy: policy,
            mirrors: ["http://mirror-a.vlab.test", "http://mirror-b.vlab.test/"]
        )
    }
}
