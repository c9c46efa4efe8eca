import Foundation
import Testing

@testable import Uplink

@Suite("The lines between a lab and its helper")
struct MessageTests {
    private static func target(_ host: String, _ port: Int) throws -> UplinkTarget {
        try #require(UplinkTarget(host: host, port: port))
    }

    @Test("of the lab are read as they were written")
    func requests() throws {
        let requests: [UplinkRequest: String] = [
            .dial(.tls, try Self.target("packages.example.org", 443)): "dial tls packages.example.org 443\n",
            .dial(.http, try Self.target("203.0.113.7", 80)): "dial http 203.0.113.7 80\n",
            .dial(.tcp, try Self.target("2001:db8::1", 65535)): "dial tcp 2001:db8::1 65535\n",
            .join: "join\n",
        ]
        for (request, line) in requests {
            #expect(request.line == line)
            #expect(UplinkRequest(line: Array(line.utf8)) == request)
        }
    }

    @Test(
        "of the lab that are malformed are refused",
        arguments: [
            "", "\n", "join", "join me\n", "dial\n", "dial tls host\n", "dial tls host 443",
            "dial tls host 0\n",
            "dial tls host 65536\n", "dial tls host 0443\n", "dial tls host +443\n", "dial udp host 53\n",
            "dial tls  443\n", "dial tls ho st 443\n", "dial tls host 443 \n", "DIAL tls host 443\n",
            "dial tls -host 443\n", "dial tls ho\0st 443\n", "dial tls h/ost 443\n",
            "dial tls \(String(repeating: "a", count: 254)) 443\n", "dial tls h\u{F6}st 443\n",
        ]
    )
    func malformed(line: String) {
        #expect(UplinkRequest(line: Array(line.utf8)) == nil)
    }

    @Test("of the helper are read as they were written")
    func answers() {
        let answers: [UplinkAnswer: String] = [
            .dialled(.direct): "connected\n",
            .dialled(.proxy(authorization: nil)): "proxied\n",
            .dialled(.proxy(authorization: "Basic dTpw")): "proxied Basic dTpw\n",
            .joined: "joined\n",
            .failed(.nameNotFound, "a.example: no such name"):
                "failed name-not-found a.example: no such name\n",
        ]
        for (answer, line) in answers {
            #expect(answer.line == line)
            #expect(UplinkAnswer(line: Array(line.utf8)) == answer)
        }
        for line in [
            "", "connected", "connected now\n", "failed\n", "failed refused\n", "failed never why\n",
        ] {
            #expect(UplinkAnswer(line: Array(line.utf8)) == nil)
        }
    }

    @Test("have one end, whatever a reason says")
    func oneLine() {
        #expect(UplinkAnswer.failed(.refused, "a\nconnected").line == "failed refused a connected\n")
        #expect(UplinkAnswer.failed(.refused, String(repeating: "x", count: 9999)).line.utf8.count < 1100)
    }
}

@Suite("Other addresses for hosts outside")
struct ConnectToTests {
    @Test(
        "are given as curl's",
        arguments: [
            ("deb.example.org:80:127.0.0.1:8080", "deb.example.org:80", "127.0.0.1:8080"),
            ("deb.example.org:80:127.0.0.1:8080", "deb.example.org:81", nil),
            ("DEB.example.org::staging:", "deb.example.org:443", "staging:443"),
            (":443::8443", "any.example.org:443", "any.example.org:8443"),
            ("::127.0.0.1:", "any.example.org:22", "127.0.0.1:22"),
            ("[2001:db8::1]:80:[::1]:81", "[2001:db8::1]:80", "[::1]:81"),
        ] as [(String, String, String?)]
    )
    func apply(text: String, from: String, to: String?) throws {
        let mapping = try #require(ConnectTo(text))
        let colon = try #require(from.lastIndex(of: ":"))
        let host = from[..<colon].trimmingCharacters(in: ["[", "]"])
        let port = try #require(Int(from[from.index(after: colon)...]))
        let target = try #require(UplinkTarget(host: host, port: port))
        #expect(mapping.apply(to: target)?.description == to)
        #expect(ConnectTo(mapping.description) == mapping)
    }

    @Test(
        "that are malformed are refused",
        arguments: [
            "", "a", "a:80:b", "a:80:b:80:c", "a:eighty:b:80", "a:0:b:80", "[::1:80:b:80", "a b:80:c:80",
        ]
    )
    func malformed(text: String) {
        #expect(ConnectTo(text) == nil)
    }
}
