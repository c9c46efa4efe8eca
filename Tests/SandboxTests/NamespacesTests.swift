import Testing

@testable import Sandbox

@Suite("The command into namespaces")
struct NamespacesTests {
    @Test("makes all of them as root, without a user namespace, and ends all with its child")
    func root() {
        #expect(
            Namespaces.enterNew(["vlab", "supervise", "pod1"], asRoot: true) == [
                "unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
                "--mount-proc", "--", "vlab", "supervise", "pod1",
            ]
        )
    }

    @Test("maps subordinate ids as a plain user, groups included, before all else")
    func user() {
        let command = Namespaces.enterNew(["true"], asRoot: false)
        #expect(
            command.prefix(6) == [
                "unshare", "--user", "--map-auto", "--map-root-user", "--setgroups", "allow",
            ]
        )
        #expect(Array(command.dropFirst(6)) == Array(Namespaces.enterNew(["true"], asRoot: true).dropFirst()))
    }

    @Test("joins the same namespaces that were made")
    func join() {
        for asRoot in [true, false] {
            let made = Set(Namespaces.enterNew([], asRoot: asRoot).filter(Self.kinds.contains))
            let joined = Set(Namespaces.join(7, [], folder: nil, asRoot: asRoot).filter(Self.kinds.contains))
            #expect(joined == made)
        }
    }

    @Test("keeps the words of the command and the folder it starts in")
    func words() {
        let command = Namespaces.join(4711, ["echo", "a b", "--net"], folder: "/tmp/x y", asRoot: true)
        #expect(command.prefix(3) == ["nsenter", "--target", "4711"])
        #expect(command.suffix(4) == ["--", "echo", "a b", "--net"])
        #expect(command.contains("--wdns=/tmp/x y"))
    }

    private static let kinds: Set = ["--user", "--net", "--mount", "--pid", "--ipc", "--uts"]
}
