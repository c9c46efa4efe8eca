import Testing

@testable import Images

@Suite("What is written into an image")
struct FormatTests {
    @Test("has a partition table as a BIOS reads it")
    func partitionTable() {
        let table = PartitionTable(
            partitions: [
                .init(kind: .fat16, isActive: true, start: 2048, count: 36864),
                .init(kind: .linux, isActive: false, start: 38912, count: 0x0102_0304),
            ],
            diskIdentifier: 0xA1B2_C3D4
        )
        let sector = table.sector(bootCode: [0xFA, 0x33])
        #expect(sector.count == 512)
        #expect(sector[0..<3] == [0xFA, 0x33, 0])
        #expect(sector[440..<446] == [0xD4, 0xC3, 0xB2, 0xA1, 0, 0])
        // Active, no cylinders, type, no cylinders, start, count.
        #expect(sector[446..<462] == [0x80, 254, 255, 255, 0x0E, 254, 255, 255, 0, 8, 0, 0, 0, 0x90, 0, 0])
        #expect(sector[462..<478] == [0, 254, 255, 255, 0x83, 254, 255, 255, 0, 0x98, 0, 0, 4, 3, 2, 1])
        #expect(sector[478..<510].allSatisfy { $0 == 0 })
        #expect(sector[510...] == [0x55, 0xAA])
    }

    @Test("is archived for the kernel as files of root's, folders first")
    func archive() {
        var tree = FileTree()
        tree.add(.file(isExecutable: true, content: Array("#!".utf8)), at: "/bin/sh")
        let text = String(decoding: tree.archive().bytes, as: UTF8.self)
        // Magic, inode, mode, user, group, links, time, size: then devices, the length of the name, checksum.
        let expected =
            "070701" + "00000007" + "000081ED" + "00000000" + "00000000" + "00000001" + "67748580"
            + "00000002" + "00000000" + "00000000" + "00000000" + "00000000" + "0000000B" + "00000000"
            + "usr/bin/sh\0"
        #expect(text.contains(expected), "\(text)")
        #expect(text.contains("bin\0\0\0usr/bin\0"))
        #expect(tree.archive().bytes.count % 512 == 0)
        #expect(
            tree.paths == [
                "bin", "lib", "lib64", "sbin", "usr", "usr/bin", "usr/bin/sh", "usr/lib", "usr/lib64",
                "usr/sbin",
            ]
        )
    }

    @Test("trusts an authority beside those that it trusted before, where Debian's programs look")
    func trust() {
        var tree = FileTree()
        let bundle = "etc/ssl/certs/ca-certificates.crt"
        tree.add(.file(isExecutable: false, content: Array("theirs\n".utf8)), at: bundle)
        tree.trust("ours\n")
        #expect(tree.nodes[bundle] == .file(isExecutable: false, content: Array("theirs\nours\n".utf8)))
        let own = tree.nodes["usr/local/share/ca-certificates/vlab.crt"]
        #expect(own == .file(isExecutable: false, content: Array("ours\n".utf8)))
    }

    @Test("has the modules that a module names as needed before it")
    func moduleNeeds() {
        let section = "license=GPL\0depends=virtio,virtio-ring\0softdep=pre: crc32c post: late\0name=x\0"
        let module = [0x7F, 0x45] + Array(section.utf8)
        #expect(KernelModules.needs(in: module) == ["virtio", "virtio_ring", "crc32c"])
        #expect(KernelModules.needs(in: Array("\0depends=\0".utf8)) == [])
        #expect(KernelModules.name(of: "kernel/drivers/net/virtio-net.ko.xz") == "virtio_net")
        #expect(KernelModules.name(of: "modules.dep") == nil)
    }

    @Test("comes from packages as apt-get lists them")
    func packages() {
        let output = """
            NOTE: something else
            'http://mirror.test/pool/b/busybox-static_1.35.0-4%2bb1_amd64.deb' busybox-static_1%3a1.35.0-4+b1_amd64.deb 928188 SHA256:00ff
            """
        let expected = DebianPackage(
            fileName: "busybox-static_1%3a1.35.0-4+b1_amd64.deb",
            bytes: 928188,
            sha256: "00ff"
        )
        #expect(PackageSource.packages(in: output) == [expected])
        #expect(expected.request == "busybox-static=1:1.35.0-4+b1")
    }
}
