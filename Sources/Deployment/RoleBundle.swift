import Crypto
import LabModel

/// What makes a node fulfil a role: a small HTTP service, as a tar archive that nodes fetch from the engine.
package struct RoleBundle: Hashable, Sendable {
    package let role: String
    package let port: Int
    package let archive: [UInt8]
    package let sha256: String

    /// Where the service answers on every address of a node.
    package static let document = "node.json"
    package var file: String { "\(role).tar" }
    package var folder: String { "/srv/vdeploy/\(role)" }

    /// The roles that Compass4nfv's files know, controllers first; others follow behind them.
    private static let known = [
        "controller", "compute", "ha", "ceph-adm", "ceph-mon", "ceph-osd", "odl", "onos", "opencontrail",
        "moon",
        "kube_master", "kube_node", "etcd", "storage_master", "storage_node",
    ]

    /// One bundle for each role of the pod, with ports 8000, 8001, … in a fixed order.
    package static func all(for pod: Pod) -> [RoleBundle] {
        let others = Set(pod.nodes.flatMap(\.roles)).subtracting(known).sorted()
        let used = Set(pod.nodes.flatMap(\.roles))
        return (known + others).enumerated()
            .filter { used.contains($0.element) }
            .map { RoleBundle($0.element, port: 8000 + $0.offset) }
    }

    private init(_ role: String, port: Int) {
        (self.role, self.port) = (role, port)
        let folder = "srv/vdeploy/\(role)"
        var tar = TarArchive()
        tar.add(Array(Self.page(role).utf8), as: "\(folder)/www/index.html")
        tar.add(Array(Self.starter(role, port: port).utf8), as: "etc/vdeploy.d/50-\(role)", mode: 0o755)
        tar.add(Array(Self.boot.utf8), as: "etc/rc.local", mode: 0o755)
        archive = tar.finished
        sha256 = SHA256.hash(data: archive).map(\.hex).joined()
    }

    private static func page(_ role: String) -> String {
        "<!doctype html><title>\(role)</title><h1>\(role)</h1><p><a href=\"\(document)\">\(document)</a></p>\n"
    }

    /// Idempotent: a service that answers already is left alone.
    private static func starter(_ role: String, port: Int) -> String {
        """
        #!/bin/sh
        timeout 2 wget -q -O /dev/null http://127.0.0.1:\(port)/ 2>/dev/null && exit 0
        exec busybox httpd -p \(port) -h /srv/vdeploy/\(role)/www

        """
    }

    /// What the image runs at boot: all that was laid down for it.
    static let boot = """
        #!/bin/sh
        for start in /etc/vdeploy.d/*; do [ -x "$start" ] && "$start"; done

        """
}
