@testable import Deployment
import LabModel
import PodSpec
import Testing

/// The plan of a pod of the scenarios, as validation would make it.
func samplePlan(pod name: String = "pod1", gateway: String = "10.20.0.1") throws -> DeployPlan {
    let request = Scratch.request(policy: "default", pod: name)
    let (pod, _) = try PodReader.read(request.pod)
    return DeployPlan(
        pod: pod,
        installNetwork: try #require(pod.installNetwork),
        gateway: try #require(IPv4Address(gateway)),
        nameServers: [try #require(IPv4Address("198.18.0.53"))],
        interface: "eth0",
        images: [
            "micro": ImageFacts(name: "micro", digest: "d", file: "disk.img", size: 4096, sha256: "ab12")
        ],
        mirrors: ["http://mirror-a.vlab.test", "http://mirror-b.vlab.test"],
        ntpServer: "pool.ntp.org",
        publicKey: "ssh-ed25519 AAAA vdeploy"
    )
}
