import Foundation
import LabModel
import Testing

@Suite("An address")
struct AddressTests {
    @Test(
        "of IPv6 is written as RFC 5952 wants it, however it was",
        arguments: [
            ("2001:DB8::0:1", "2001:db8::1"), ("2001:0db8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"), ("0:0:0:1::", "0:0:0:1::"),
            // One group of zeros alone stays, and the first of two runs of one length goes.
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::ffff:10.20.0.1", "::ffff:10.20.0.1"),
            ("::10.20.0.1", "::a14:1"),
        ]
    )
    func canonical(text: String, expected: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == expected)
        #expect(IPv6Address(expected) == address)
        #expect(IPv6Address(bytes: address.bytes) == address)
    }

    @Test(
        "that is none is refused",
        arguments: ["", "1", ":", "1:2", "::1::", "12345::", "fe80::1%eth0", "[::1]", "10.0.0"]
    )
    func malformed(text: String) { #expect(IPAddress(text) == nil) }

    @Test("is of one family or the other, and comes back from where it was stored")
    func families() throws {
        let all = try ["::1", "10.20.0.50", "2001:2::c613:b77c", "9.0.0.1"].map {
            try #require(IPAddress($0))
        }
        #expect(all.sorted().map(\.description) == ["9.0.0.1", "10.20.0.50", "::1", "2001:2::c613:b77c"])
        #expect(all[1].bytes == [10, 20, 0, 50])
        #expect(try JSONDecoder().decode([IPAddress].self, from: JSONEncoder().encode(all)) == all)
    }

    @Test("of IPv6 tells the card that it was made from, and the address of IPv4 inside")
    func inside() {
        #expect(IPv6Address("fe80::46a8:42ff:fe14:cd0d")?.card?.description == "44:a8:42:14:cd:0d")
        #expect(IPv6Address("2001:2:0:1::50")?.card == nil)
        #expect(IPv6Address("::ffff:169.254.169.254")?.mapped == IPv4Address("169.254.169.254"))
        #expect(IPv6Address("::fffe:169.254.169.254")?.mapped == nil)
    }

    @Test("is in a network or not")
    func networks() throws {
        let network = try #require(IPv6Network("2001:2::/64"))
        #expect(network.contains(try #require(IPv6Address("2001:2::53"))))
        #expect(!network.contains(try #require(IPv6Address("2001:2:0:1::1"))))
        #expect(network.description == "2001:2::/64")
        #expect(IPv6Network("::/0")?.contains(try #require(IPv6Address("ff02::1"))) == true)
        for text in ["2001:2::1/64", "::/129", "::", "::/-1", "10.0.0.0/8"] {
            #expect(IPv6Network(text) == nil)
        }
    }
}
