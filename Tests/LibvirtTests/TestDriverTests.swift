import Glibc
import Libvirt
import Testing

// libvirt's driver `test` keeps one domain, called `test`, in this process's memory for all its connections.
@Suite("A libvirt host", .serialized)
struct TestDriverTests {
    private func connected() async throws -> LibvirtHost {
        let host = LibvirtHost(uri: "test:///default")
        try await host.connect()
        return host
    }

    @Test("lists its domains and says its version")
    func list() async throws {
        let host = try await connected()
        #expect(try await host.list().map(\.name) == ["test"])
        #expect(try await host.list().map(\.state) == [.running])
        #expect(try await host.versions().libvirt.split(separator: ".").count == 3)
    }

    @Test("refuses with libvirt's own code")
    func refusal() async throws {
        let host = try await connected()
        let absent = try await #require(throws: LibvirtError.self) {
            try await host.domain("absent").powerOn()
        }
        #expect(absent.code == .noDomain)
        #expect(absent.call == "virDomainLookupByName")
        #expect(absent.subject == "domain \"absent\"")
        #expect(!absent.connectionLost)
    }

    @Test("says so when libvirt is not there")
    func notThere() async throws {
        let host = LibvirtHost(socket: "/nonexistent/libvirt-sock")
        let error = try await #require(throws: LibvirtError.self) { try await host.connect(within: .zero) }
        #expect(error.connectionLost)
        let unconnected = try await #require(throws: LibvirtError.self) { try await host.list() }
        #expect(unconnected.code == .invalidConnection)
    }

    @Test("does not end its process when it writes to a libvirtd that has just died")
    func brokenPipe() async throws {
        _ = try await connected()
        var action = sigaction()
        try #require(sigaction(SIGPIPE, nil, &action) == 0)
        // Not by raising it: that would end the whole test run.
        #expect(unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1, "SIG_IGN")
    }

    @Test("reports what happens to its domains, to all who listen")
    func events() async throws {
        let host = try await connected()
        let listeners = [Recorder(host.events()), Recorder(host.events())]
        let domain = host.domain("test")
        try await domain.pause()
        try await domain.resume()
        try await domain.powerOff()
        try await domain.powerOn()
        for listener in listeners {
            try await eventually("three events") { await listener.elements.count >= 3 }
            #expect(
                await listener.elements.prefix(3) == [
                    .domain("test", .paused), .domain("test", .resumed),
                    .domain("test", .stopped(.destroyed)),
                ]
            )
        }
    }
}
