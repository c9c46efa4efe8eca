import Foundation
import LabModel
import NIOCore
import Testing

@testable import Gateway

@Suite("A connection that is not HTTP", .timeLimit(.minutes(4)))
struct RelayTests {
    private static func connect(
        _ lab: RunningGateway,
        _ target: String = "git.example.org:9418"
    ) async throws -> RawClient {
        let client = try await RawClient(port: lab.ports.tcp)
        try await client.send("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n")
        await client.wait(for: "HTTP/1.1 200 Connection established\r\n\r\n".utf8.count)
        return client
    }

    @Test("reaches a server that speaks first, both ways, and its bytes are counted")
    func serverFirst() async throws {
        try await OutsideServer.with { guest in
            try await guest.say("SSH-2.0-x\r\n")
            let heard = try await guest.hear(until: "\n")
            try await guest.say("heard \(heard ?? "")")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let client = try await Self.connect(lab)
                _ = await client.body(of: "SSH-2.0-x\r\n".utf8.count)
                try await client.send("hello\n")
                await client.untilClosed()
                #expect(String(decoding: client.body, as: UTF8.self) == "SSH-2.0-x\r\nheard hello\n")
                let served = await lab.events.first("tcp.served")
                #expect(served.details["host"] == "git.example.org" && served.details["port"] == "9418")
                #expect(served.details["up"] == "6" && served.details["down"] == "23", "\(served)")
                #expect(served.details["outcome"] == "complete", "\(served)")
            }
        }
    }

    @Test("carries much both ways, and one side's end does not end the other")
    func much() async throws {
        let data = Data.pattern(1_000_000)
        try await OutsideServer.with { guest in
            var heard = ByteBuffer()
            while let bytes = try await guest.hear() { heard.writeImmutableBuffer(bytes) }
            // Only now, behind the client's end.
            try await guest.say(heard)
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let file = try lab.folder.write("much", data)
                let program = """
                    import socket, sys, threading
                    s = socket.create_connection(('127.0.0.1', \(lab.ports.tcp)), 20)
                    s.sendall(b'CONNECT a.example.org:9 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
                    head = b''
                    while not head.endswith(b'\\r\\n\\r\\n'): head += s.recv(1)
                    s.sendall(open('\(file)', 'rb').read()); s.shutdown(socket.SHUT_WR)
                    while True:
                        piece = s.recv(65536)
                        if not piece: break
                        sys.stdout.buffer.write(piece)
                    """
                let python = try await shell(
                    "timeout 20 python3 -c \"$PROGRAM\"",
                    environment: ["PROGRAM": program]
                )
                #expect(python.output.count == data.count, "\(python.errors)")
                #expect((python.output == data) == true)
                let served = await lab.events.first("tcp.served")
                #expect(served.details["up"] == "1000000" && served.details["down"] == "1000000", "\(served)")
            }
        }
    }

    @Test("without a way out, or a server, is refused with the reason before it stands")
    func noServer() async throws {
        try await RunningGateway.outside(1) { lab in
            func refused(_ target: String) async throws -> String {
                let client = try await RawClient(port: lab.ports.tcp)
                try await client.send("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n")
                await client.untilClosed()
                return client.text
            }
            let noServer = try await refused("git.example.org:9418")
            #expect(noServer.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
            #expect(noServer.hasSuffix("127.0.0.1:1: Connection refused\n"), "\(noServer)")
            let turned = await lab.events.first("tcp.refused")
            #expect(turned.details["name"] == "git.example.org" && turned.details["port"] == "9418")
            #expect(
                turned.details["reason"]?.hasPrefix("CONNECT: 502 cannot connect to git.example.org:9418")
                    == true
            )
            try lab.gateway.install(Rule(id: "r", "http.refuse", match: Match(host: "git.*", port: 22)))
            #expect(
                try await refused("git.example.org:22").hasSuffix("git.example.org:22: Connection refused\n")
            )
            lab.gateway.uplinkMode = .none
            #expect(try await refused("[2001:db8::1]:443").hasPrefix("HTTP/1.1 200 "))
            let alone = try await refused("[2001:db8::1]:22")
            #expect(
                alone.hasSuffix(
                    "[2001:db8::1]:22 is outside the lab, and there is no uplink: nothing leaves the lab\n"
                )
            )
            // What was recorded is at hand without anybody outside, and what the lab has itself in any case.
            lab.gateway.uplinkMode = .cache
            #expect(try await lab.curl("-p -w '%{http_connect}' http://a.example.org/").text.hasSuffix("200"))
            lab.gateway.uplinkMode = .none
            let own = try await lab.curl(
                "-p -w '%{http_connect} %{http_code}' http://mirror-a.vlab.test/none"
            )
            #expect(own.text.hasSuffix("200 404"), "\(own.text)")
        }
    }

    @Test("may be asked for behind other requests on the same connection, with its first bytes at once")
    func later() async throws {
        try await OutsideServer.with { guest in
            let heard = try await guest.hear(until: "\n")
            try await guest.say("heard \(heard ?? "")")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let client = try await RawClient(port: lab.ports.tcp)
                let target = "http://mirror-a.vlab.test/images/none"
                let get = "GET \(target) HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n\r\n"
                let connect = "CONNECT [2606:4700::1]:9418 HTTP/1.1\r\nHost: [2606:4700::1]:9418\r\n\r\n"
                try await client.send(get + get + connect + "hello\n")
                await client.untilClosed()
                let answers = client.text.components(separatedBy: "HTTP/1.1 ").map { $0.prefix(3) }
                #expect(answers == ["", "404", "404", "200"], "\(client.text)")
                #expect(client.text.hasSuffix("HTTP/1.1 200 Connection established\r\n\r\nheard hello\n"))
                let served = await lab.events.first("tcp.served")
                #expect(served.details["host"] == "2606:4700::1" && served.details["up"] == "6", "\(served)")
                // Bytes that come later, and HTTP in the tunnel; and one to nobody.
                let second = try await RawClient(port: lab.ports.tcp)
                try await second.send(get)
                await second.wait(for: 12)
                try await second.send("CONNECT mirror-a.vlab.test:80 HTTP/1.1\r\nHost: x\r\n\r\n")
                let established = "HTTP/1.1 200 Connection established\r\n\r\n"
                while !second.text.hasSuffix(established), !second.isClosed {
                    await second.wait(for: second.received.count + 1)
                }
                try await second.send("GET /images/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                await second.untilClosed()
                #expect(second.text.components(separatedBy: "HTTP/1.1 404").count == 3, "\(second.text)")
                lab.gateway.uplinkMode = .none
                let third = try await RawClient(port: lab.ports.tcp)
                try await third.send(get + "CONNECT a.example.org:22 HTTP/1.1\r\nHost: x\r\n\r\n")
                await third.untilClosed()
                #expect(third.text.contains("HTTP/1.1 502 Bad Gateway"), "\(third.text)")
            }
        }
    }

    @Test("that the host's proxy does not let through is refused in turn, and curl says so")
    func noProxy() async throws {
        try await OutsideServer.with({ _ in }) { port in
            try await RunningGateway.outside(port, environment: ["https_proxy": "http://127.0.0.1:\(port)"]) {
                lab in
                let curl = try await lab.curl("-p -w '%{http_connect}' http://a.example.org:9/")
                #expect(curl.status == 56 && curl.text.hasSuffix("502"), "\(curl.text) \(curl.errors)")
                #expect(curl.errors.contains("CONNECT tunnel failed, response 502"), "\(curl.errors)")
            }
        }
    }

    @Test("through CONNECT is recognised like any other: HTTP stays HTTP")
    func plainInTunnel() async throws {
        try await OutsideServer.with { guest in
            _ = try await guest.hear(until: "\r\n\r\n")
            try await guest.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("-p http://deb.example.org:8080/a")
                #expect(curl.text == "ok", "\(curl.text)\(curl.errors)")
                let served = await lab.events.first("http.served")
                #expect(served.details["url"] == "http://deb.example.org:8080/a", "\(served)")
                let own = try await lab.curl("-p -w '%{http_code}' http://mirror-a.vlab.test/images/none")
                #expect(own.text.hasSuffix("404"), "\(own.text)")
            }
        }
    }

    @Test("with TLS is opened, or passes unread, and the client sees whose certificate it is")
    func tls() async throws {
        // Not TLS at all: what is passed arrives as it was sent, what is opened never arrives.
        try await OutsideServer.with { guest in
            let hello = try await guest.hear()
            try await guest.say(hello?.readableBytesView.first == 0x16 ? "hello came\n" : "?\n")
        } body: { port in
            try await RunningGateway.outside(port) { lab in
                let curl = try await lab.curl("https://deb.example.org/a")
                #expect(curl.status == 35, "\(curl.status) \(curl.errors)")
                let served = await lab.events.first("tcp.served")
                #expect(served.details["host"] == "deb.example.org" && served.details["port"] == "443")
                #expect(served.details["down"] == "11", "\(served)")
                #expect(await lab.events.first("tls.passed").details["name"] == "deb.example.org")
            }
            try await RunningGateway.outside(port, https: HTTPSPolicy(usual: .open)) { lab in
                let ca = lab.folder.path + "/ca.pem"
                let curl = try await lab.curl("-w '%{http_code}' --cacert \(ca) https://deb.example.org/a")
                #expect(curl.text.contains("TLS: the server does not speak it"), "\(curl.text)\(curl.errors)")
                #expect(curl.text.hasSuffix("502"))
            }
        }
    }
}
