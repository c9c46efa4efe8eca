import Testing

@testable import Uplink

@Suite("The host's proxies")
struct ProxySettingsTests {
    private static func proxy(
        _ environment: [String: String],
        _ purpose: UplinkPurpose = .tls,
        _ host: String = "packages.example.org",
        _ port: Int = 443
    ) throws -> ProxySettings.Proxy? {
        let target = try #require(UplinkTarget(host: host, port: port))
        return try ProxySettings(environment).proxy(for: purpose, to: target)
    }

    @Test("are those of the environment, one for HTTP and one for the rest")
    func environment() throws {
        let environment = [
            "http_proxy": "http://plain.example:3128",
            "https_proxy": "http://user:p%40ss@tunnel.example:8080/",
        ]
        #expect(try Self.proxy(environment, .http)?.target.description == "plain.example:3128")
        #expect(try Self.proxy(environment, .http)?.authorization == nil)
        for purpose in [UplinkPurpose.tls, .tcp] {
            let proxy = try Self.proxy(environment, purpose)
            #expect(proxy?.target.description == "tunnel.example:8080")
            // base64 of user:p@ss
            #expect(proxy?.authorization == "Basic dXNlcjpwQHNz")
        }
        #expect(try Self.proxy([:]) == nil)
        #expect(try Self.proxy(["https_proxy": ""]) == nil)
    }

    @Test("may be named in capitals, without scheme, by an address; small letters win")
    func spellings() throws {
        #expect(try Self.proxy(["HTTPS_PROXY": "proxy.example:81"])?.target.description == "proxy.example:81")
        #expect(try Self.proxy(["HTTPS_PROXY": "http://[::1]:81"])?.target.description == "[::1]:81")
        #expect(try Self.proxy(["HTTPS_PROXY": "a:1", "https_proxy": "b"])?.target.description == "b:80")
    }

    @Test(
        "are not asked for whom no_proxy names",
        arguments: [
            ("*", true), ("example.org", true), (".example.org", true), ("*.example.org", true),
            ("other.org, packages.example.org", true), ("PACKAGES.example.org:443", true),
            ("packages.example.org:80", false), ("ages.example.org", false), ("10.0.0.0/8", false),
            ("example.org.", true), ("*.example.org:443", true), ("*.example.org:80", false),
            ("", false),
        ]
    )
    func exceptions(list: String, isExcepted: Bool) throws {
        let environment = ["https_proxy": "proxy.example:81", "no_proxy": list]
        #expect(try (Self.proxy(environment) == nil) == isExcepted)
    }

    @Test(
        "are not asked for addresses that no_proxy names, or in a network that it names",
        arguments: [
            ("10.0.0.0/8 ::1", "10.1.2.3", true), ("10.0.0.0/8 ::1", "::1", true),
            ("10.0.0.0/8", "11.1.2.3", false), ("10.9.9.9/8", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3:22", "10.1.2.3", true),
            ("10.1.2.3:80", "10.1.2.3", false), ("1.2.3", "10.1.2.3", false),
            ("[2001:db8:0::1]", "2001:db8::1", true), ("[2001:db8::1]:22", "2001:db8::1", true),
            ("[2001:db8::1]:80", "2001:db8::1", false), ("2001:db8::/32", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db9::1", false), ("0.0.0.0/0", "::1", false),
            ("10.0.0.0/33", "10.1.2.3", false), ("10.0.0.0/8/8", "10.1.2.3", false),
        ]
    )
    func addresses(list: String, address: String, isExcepted: Bool) throws {
        let environment = ["https_proxy": "proxy.example:81", "NO_PROXY": list]
        #expect(try (Self.proxy(environment, .tcp, address, 22) == nil) == isExcepted)
    }

    @Test(
        "that cannot be used are told at once, without their passwords",
        arguments: [
            "socks5://u:secret@proxy:1080", "https://u:secret@proxy", "http://u:secret@",
            "http://u:secret@a b",
        ]
    )
    func unusable(value: String) throws {
        let error = try #require(throws: UplinkError.self) { try ProxySettings(["https_proxy": value]) }
        #expect("\(error)".contains("https_proxy"))
        #expect(!"\(error)".contains("secret"))
    }
}
