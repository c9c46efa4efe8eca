import Testing

@testable import LabModel

@Suite("A glob")
struct GlobTests {
    @Test(
        "matches",
        arguments: [
            ("**/disk.img", "/images/micro/current/disk.img", true), ("*.img", "/a/b.img", false),
            ("/images/*/current/disk.img", "/images/micro/current/disk.img", true),
            ("mirror-?.vlab.test", "mirror-a.vlab.test", true),
            ("**", "", true), ("*", "a/b", false), ("a*b*c", "aXXbYYc", true), ("a*b*c", "aXXbYY", false),
        ] as [(Glob, String, Bool)]
    )
    func matches(glob: Glob, text: String, expected: Bool) { #expect(glob.matches(text) == expected) }

    @Test("takes no exponential time")
    func time() {
        #expect(!Glob(String(repeating: "*a", count: 60)).matches(String(repeating: "a", count: 2_000) + "b"))
    }
}
