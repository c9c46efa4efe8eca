import Foundation
import Images
import SystemPackage
import Testing

@Suite("A real machine with the installer", .serialized)
struct InstallerTests {
    @Test(
        "gets past a silent clock and bad mirrors, goes on after a power failure, and boots what it installed",
        .timeLimit(.minutes(12))
    )
    func installs() async throws {
        try await withMachine { machine, mirror, installer, image in
            let urls = ["/image?stall=9000001", "/image?cut=20000001", "/image?norange"].map(mirror.url)
            try mirror.write(
                "config",
                image,
                [
                    "NTP=yes", "NTP_SERVER=10.20.0.1", "DOWNLOAD_STALL=10", "DOWNLOAD_PAUSE=1",
                    "IMAGE_URLS=\"\(urls.joined(separator: " "))\"",
                    "ADDRESS=10.20.0.50/24", "GATEWAY=10.20.0.1", "DNS=10.20.0.3",
                    "AUTHORIZED_KEY=\"ssh-ed25519 AAAA who@where\"",
                ]
            )
            let arguments = "installer.config=\(mirror.url("/config")) BOOTIF=01-52-54-00-00-00-01"
            try await machine.boot(installer: (installer, arguments)) { console in
                try await console.wait(for: "==> Setting up the clock")
                try await console.wait(for: "Getting the time from a network time server...")
                try await mirror.wait(forStage: "clock")
                try await Task.sleep(for: .seconds(2))
                #expect(try mirror.stages == ["start", "clock"], "it must wait for the clock, not go on")
                try await console.type("\n")
                try await console.wait(for: "==> Partitioning /dev/vda")
                try await console.wait(for: "(try 1 of 6)")
                // By then what came before the silence has long been on the disk.
                try await console.wait(for: "!!! Download failed: stalled at byte 9000001")
                try await console.cutPower()
            }
            try mirror.write(
                "config",
                image,
                [
                    "DOWNLOAD_STALL=30", "DOWNLOAD_PAUSE=0",
                    "IMAGE_URLS=\"\(urls.dropFirst().joined(separator: " "))\"",
                    "ADDRESS=10.20.0.50/24", "GATEWAY=10.20.0.1", "DNS=10.20.0.3",
                    "AUTHORIZED_KEY=\"ssh-ed25519 AAAA who@where\"",
                ]
            )
            try await machine.boot(installer: (installer, arguments)) { console in
                try await console.wait(for: "Keeping the data partition /dev/vda1")
                try await console.wait(for: "Going on from byte ")
                try await console.wait(
                    for: "!!! Download failed: wget: connection closed prematurely at byte 20000001"
                )
                try await console.wait(for: "==> Verifying SHA-256")
                try await console.wait(for: "==> Writing the image")
                try await console.wait(for: "==> Finishing")
                try await console.wait(for: "==> Installed, rebooting")
            }
            let requests = try mirror.imageRequests
            #expect(requests.count == 3, "\(requests)")
            #expect(requests.first == "/image?stall=9000001 -")
            #expect(requests[1].hasPrefix("/image?cut=20000001 bytes="))
            #expect(requests[2] == "/image?norange bytes=20000001-")
            let stages = ["start", "clock", "partition", "download", "verify", "write", "finish", "done"]
            #expect(try mirror.stages.suffix(8) == stages[...])

            try await machine.boot { console in
                try await console.wait(for: "ctl01 login:")
                try await console.type("root\n")
                try await console.wait(for: "# ")
                try await console.type(
                    "cat /root/.ssh/authorized_keys; ip -4 -o addr show dev eth0; ip route\n"
                )
                try await console.wait(for: "ssh-ed25519 AAAA who@where")
                try await console.wait(for: "inet 10.20.0.50/24")
                try await console.wait(for: "default via 10.20.0.1")
                try await console.type(
                    "cat /etc/resolv.conf; mount | grep data; echo | nc -w 1 127.0.0.1 22\n"
                )
                try await console.wait(for: "nameserver 10.20.0.3")
                try await console.wait(for: "/dev/vda3 on /var/data")
                try await console.wait(for: "SSH-2.0-dropbear")
                try await console.type(
                    "printf 'auto eth0.101\\niface eth0.101 inet static\\n address 172.16.1.50\\n"
                        + " netmask 255.255.255.0\\n vlan-raw-device eth0\\n' >>/etc/network/interfaces\n"
                )
                try await console.type("ifup eth0.101; ip -4 -o addr show dev eth0.101\n")
                try await console.wait(for: "inet 172.16.1.50/24")
                try await console.pressPowerButton()
                try await console.wait(for: "Power down")
            }
        }
    }

    @Test(
        "gives up visibly on an image that is not what was promised, and waits",
        .timeLimit(.minutes(12))
    )
    func givesUp() async throws {
        try await withMachine { machine, mirror, installer, image in
            var image = image
            image.manifest.sha256 = String(repeating: "0", count: 64)
            try mirror.write(
                "config",
                image,
                ["IMAGE_URLS=\(mirror.url("/image"))", "DOWNLOAD_TRIES=2", "DOWNLOAD_PAUSE=0", "NTP=no"]
            )
            try await machine.boot(installer: (installer, "installer.config=\(mirror.url("/config"))")) {
                console in
                try await console.wait(for: "!!! Download failed: SHA-256 is ")
                try await console.wait(for: "(try 2 of 2)")
                try await console.wait(
                    for: "!!! Installation failed: the image could not be downloaded in 2 tries"
                )
                try await console.wait(for: "Waiting. Press Enter for a shell.")
                try await console.type("\n")
                try await console.wait(for: "# ")
                try await mirror.wait(forStage: "failed")
                try await console.cutPower()
            }
        }
    }

    /// A machine with an empty disk, a mirror and the images of this repository.
    private func withMachine(
        _ body: (Guest, Mirror, BuiltImage, BuiltImage) async throws -> Void
    ) async throws {
        let installer = try await ImageStore.ofRepository.buildForUser("installer")
        let image = try await ImageStore.ofRepository.buildForUser("micro")
        try await withTemporaryFolder { folder in
            let machine = try Guest(disk: folder.appending("disk"))
            try await Mirror.serving(image, in: folder) { mirror in
                try await body(machine, mirror, installer, image)
            }
        }
    }
}

extension Mirror {
    /// Writes the configuration that tells the installer what to do.
    fileprivate func write(_ name: String, _ image: BuiltImage, _ lines: [String]) throws {
        let all =
            [
                "NODE=ctl01", "DISK=/dev/vda", "REPORT_URL=\(url("/report"))",
                "IMAGE_SHA256=\(image.manifest.sha256 ?? "")", "IMAGE_SIZE=\(image.manifest.size ?? 0)",
            ] + lines
        try Data((all.joined(separator: "\n") + "\n").utf8).write(
            to: URL(filePath: folder.appending(name).string)
        )
    }
}
