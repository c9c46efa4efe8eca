import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("A mirror behind the gateway", .timeLimit(.minutes(4)))
struct OriginTests {
    @Test("serves a file byte for byte")
    func wholeFile() async throws {
        let data = Data.pattern(3_000_001)
        try await RunningGateway.with(files: { try $0.write("micro/1/disk.img", data) }) { lab in
            try lab.folder.link("micro/current", to: "1")
            let curl = try await shell("curl -sS -f \(lab.host) \(lab.url("/images/micro/current/disk.img"))")
            #expect(curl.output.count == data.count && (curl.output == data) == true)
            let event = await lab.events.first("http.served")
            #expect(event.node == "self")
            #expect(event.details["url"] == "http://mirror-a.vlab.test/images/micro/current/disk.img")
            #expect(event.details["bytes"] == "3000001")
            #expect(event.details["total"] == "3000001")
            #expect(event.details["status"] == "200")
            #expect(event.details["outcome"] == "complete")
        }
    }

    @Test("answers what comes in one go one after the other, however much it is")
    func pipeline() async throws {
        let count = 1000
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let client = try await RawClient(port: lab.ports.tcp)
            let request = "GET /images/f HTTP/1.1\r\nHost: mirror-a.vlab.test\r\n"
            let all = String(repeating: request + "\r\n", count: count - 1)
            try await client.send(all + request + "Connection: close\r\n\r\n")
            await client.untilClosed()
            #expect(client.text.components(separatedBy: "HTTP/1.1 200 OK\r\n").count == count + 1)
            #expect(client.text.components(separatedBy: "\r\n\r\nhello").count == count + 1)
            #expect(lab.events.named("http.served").count == count)
        }
    }

    @Test("serves what a file is now, also when another one has taken its place or it is gone")
    func changes() async throws {
        try await RunningGateway.with(files: { try $0.write("one", "first") }) { lab in
            try lab.folder.link("f", to: "one")
            let get = "curl -sS -w ' %{http_code} ' \(lab.host) \(lab.url("/images/f"))"
            // Long enough ago to be kept in memory.
            try await Task.sleep(for: .milliseconds(150))
            #expect(try await shell("\(get) && \(get)").text == "first 200 first 200 ")
            try lab.folder.write("one", "other")
            #expect(try await shell("\(get) && \(get)").text == "other 200 other 200 ")
            try lab.folder.write("two", "third")
            try FileManager.default.removeItem(atPath: lab.folder.path + "/f")
            try lab.folder.link("f", to: "two")
            #expect(try await shell(get).text == "third 200 ")
            try FileManager.default.removeItem(atPath: lab.folder.path + "/two")
            #expect(try await shell(get).text.hasSuffix(" 404 "))
        }
    }

    @Test("keeps the whole answer for those alone who ask for it as it is")
    func keptAnswers() async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            // Long enough ago to be kept in memory.
            try await Task.sleep(for: .milliseconds(150))
            let get = "curl -sS -i \(lab.host) \(lab.url("/images/f"))"
            _ = try await shell(get)
            for _ in 1...2 {
                let whole = try await shell(get).text
                #expect(whole.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(whole)")
                #expect(whole.hasSuffix("\r\n\r\nhello"), "\(whole)")
                let fields = [
                    "Content-Length: 5", "Accept-Ranges: bytes", "Server: vlab", "Date: ", "ETag: ",
                ]
                for field in fields {
                    #expect(whole.components(separatedBy: "\r\n\(field)").count == 2, "\(field) in \(whole)")
                }
                #expect(!whole.contains("Connection:"))
                let part = try await shell("\(get) -r 1-2").text
                #expect(part.hasPrefix("HTTP/1.1 206") && part.hasSuffix("\r\n\r\nel"), "\(part)")
                let head = try await shell("\(get) -I").text
                #expect(head.contains("Content-Length: 5\r\n") && head.hasSuffix("\r\n\r\n"), "\(head)")
                let last = try await shell("\(get) -H 'Connection: close'").text
                #expect(last.contains("\r\nConnection: close\r\n") && last.hasSuffix("hello"), "\(last)")
                let old = try await shell("\(get) -0").text
                #expect(old.contains("\r\nConnection: close\r\n") && old.hasSuffix("hello"), "\(old)")
                try lab.gateway.install(Rule(id: "x", "http.truncate", ["at": "2"]))
                let cut = try await shell(get)
                #expect(cut.text.hasSuffix("\r\n\r\nhe") && cut.status == 18, "\(cut.text)")
                lab.gateway.remove("x")
            }
        }
    }

    @Test("lets curl and busybox resume, and python ask for the end", arguments: [1, 262_144, 700_000])
    func resume(from start: Int) async throws {
        let data = Data.pattern(700_001)
        try await RunningGateway.with(files: { try $0.write("f", data) }) { lab in
            let part = try lab.folder.write("part", data.prefix(start))
            let curl = try await shell("curl -sS -f -C - -o \(part) \(lab.host) \(lab.url("/images/f"))")
            #expect(curl.status == 0, "\(curl.errors)")
            #expect(try lab.folder.read("part") == data)
            try lab.folder.write("part", data.prefix(start))
            let wget = try await shell(
                "busybox wget -q -c -O \(part) --header 'Host: mirror-b.vlab.test' \(lab.url("/images/f"))"
            )
            #expect(wget.status == 0, "\(wget.errors)")
            #expect(try lab.folder.read("part") == data)
            let python = try await shell(
                """
                python3 -c "
                import urllib.request, sys
                r = urllib.request.Request('\(lab.url("/images/f"))', headers={'Host': 'mirror-a.vlab.test', 'Range': 'bytes=-\(start)'})
                a = urllib.request.urlopen(r)
                assert a.status == 206 and a.headers['Content-Range'] == 'bytes %d-700000/700001' % (700001 - \(start)), a.headers
                sys.stdout.buffer.write(a.read())"
                """
            )
            #expect(python.output == data.suffix(start), "\(python.errors)")
        }
    }

    @Test("keeps connections, and answers HTTP/1.0 as it wants to be answered")
    func keepAlive() async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let url = lab.url("/images/f")
            let two = try await shell("curl -sS \(lab.host) -w '%{num_connects} ' \(url) \(url)")
            #expect(two.text == "hello1 hello0 ")
            let client = try await RawClient(port: lab.ports.tcp)
            try await client.send("GET http://mirror-a.vlab.test/images/f HTTP/1.0\r\n\r\n")
            await client.untilClosed()
            #expect(client.text.contains("Connection: close\r\n"))
            #expect(client.text.hasSuffix("\r\n\r\nhello"))
            let lasting = try await RawClient(port: lab.ports.tcp)
            let request = "GET http://mirror-a.vlab.test/images/f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
            try await lasting.send(request + request)
            let answer = client.received.count + "keep-alive".count - "close".count
            await lasting.wait(for: 2 * answer)
            #expect(lasting.text.components(separatedBy: "hello").count == 3)
            #expect(!lasting.isClosed)
        }
    }

    @Test("answers who says all at once and then only listens", arguments: ["GET", "HEAD"])
    func halfClosed(method: String) async throws {
        try await RunningGateway.with(files: { try $0.write("f", Data.pattern(300_000)) }) { lab in
            let python = try await shell(
                """
                timeout 20 python3 -c "
                import socket, sys
                s = socket.create_connection(('127.0.0.1', \(lab.ports.tcp)))
                s.send(b'\(method) http://mirror-a.vlab.test/images/f HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
                s.shutdown(socket.SHUT_WR)
                got = b''
                while data := s.recv(65536): got += data
                head, _, body = got.partition(b'\\r\\n\\r\\n')
                print(head.decode().split(chr(13))[0], len(body))"
                """
            )
            #expect(python.text == "HTTP/1.1 200 OK \(method == "GET" ? 300_000 : 0)\n", "\(python.errors)")
        }
    }

    @Test("answers HEAD with the length and no body")
    func head() async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let curl = try await shell("curl -sS -I \(lab.host) \(lab.url("/images/f"))")
            #expect(curl.text.contains("Content-Length: 5\r\n"))
            #expect(curl.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(curl.status == 0)
        }
    }

    @Test(
        "says what is wrong, in words and in numbers",
        arguments: [
            ("/images/none", "", "404", "no such file"), ("/images/", "", "404", "not a file"),
            ("/elsewhere", "", "404", "has no /elsewhere"), ("/images/f", "-r 5-", "416", "only 5 bytes"),
            ("/images/f", "-X DELETE", "405", "GET and HEAD only"),
            ("/images/f", "-d x", "405", "GET and HEAD only"),
            ("/images/%2e%2e/secret", "--path-as-is", "400", "malformed"),
            ("/images/../../etc/passwd", "--path-as-is", "400", "malformed"),
            ("/images/..%2f..%2fetc/passwd", "--path-as-is", "400", "malformed"),
            ("/images/%00", "", "400", "malformed"), ("/images/%zz", "", "400", "malformed"),
            ("/images/out", "", "404", "leads out"), ("/images/up/etc/passwd", "", "404", "leads out"),
            ("/images/pipe", "", "404", "not a file"),
        ]
    )
    func refusals(path: String, options: String, status: String, words: String) async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            try lab.folder.link("out", to: "/etc/hostname")
            try lab.folder.link("up", to: "/")
            #expect(mkfifo(lab.folder.path + "/pipe", 0o600) == 0)
            let curl = try await shell("curl -sS \(options) \(lab.host) -w '%{http_code}' '\(lab.url(path))'")
            #expect(curl.text.hasSuffix("\n" + status), "\(curl.text)")
            #expect(curl.text.contains(words), "\(curl.text)")
        }
    }

    @Test("does not exist for a name without origin: nothing leaves the lab")
    func noUplink() async throws {
        try await RunningGateway.with { lab in
            let curl = try await shell(
                "curl -sS -w '%{http_code}' -H 'Host: packages.example.org' \(lab.url("/"))"
            )
            #expect(curl.text.contains("no uplink"))
            #expect(curl.text.hasSuffix("502"))
            let served = await lab.events.first("http.served")
            #expect(served.details["reason"]?.contains("no uplink") == true, "\(served)")
        }
    }

    @Test("honours validators: unchanged is 304, a changed file starts again")
    func validators() async throws {
        try await RunningGateway.with(files: { try $0.write("f", "hello") }) { lab in
            let url = lab.url("/images/f")
            let head = try await shell("curl -sS -I \(lab.host) \(url)")
            func field(_ name: String) throws -> String {
                let line = try #require(
                    head.text.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") }
                )
                return String(line.dropFirst(name.count + 2))
            }
            let (tag, date) = (try field("ETag"), try field("Last-Modified"))
            func ask(_ fields: String) async throws -> String {
                try await shell("curl -sS \(lab.host) \(fields) -w '%{http_code}' \(url)").text
            }
            #expect(try await ask("-H 'If-None-Match: \(tag)'") == "304")
            #expect(try await ask("-H 'If-Modified-Since: \(date)'") == "304")
            #expect(try await ask("-H 'If-Match: \"no\"'").hasSuffix("412"))
            #expect(try await ask("-H 'If-Range: \(tag)' -r 2-") == "llo206")
            #expect(try await ask("-H 'If-Range: \(date)' -r 2-") == "llo206")
            #expect(try await ask("-H 'If-Range: \"other\"' -r 2-") == "hello200")
        }
    }

    @Test("has the lab's authority for whoever wants to trust it, at vlab.test")
    func authority() async throws {
        try await RunningGateway.with { lab in
            let certificate = try lab.folder.read("ca.pem")
            let got = try await shell("curl -sS -i -H 'Host: vlab.test' \(lab.url("/ca.crt"))")
            #expect(got.output.suffix(certificate.count) == certificate)
            #expect(got.text.contains("Content-Type: application/x-x509-ca-cert\r\n"), "\(got.text)")
            let other = try await shell("curl -sS -w '%{http_code}' -H 'Host: vlab.test' \(lab.url("/"))")
            #expect(other.text.contains("/ca.crt") && other.text.hasSuffix("404"), "\(other.text)")
            let post = try await shell(
                "curl -sS -w '%{http_code}' -d a -H 'Host: vlab.test' \(lab.url("/ca.crt"))"
            )
            #expect(post.text.hasSuffix("405"), "\(post.text)")
        }
    }
}
