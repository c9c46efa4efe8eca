import Deployment
import LabModel
import Testing

@Suite("Verification")
struct VerificationTests {
    private let verification: Verification
    private let node: Node
    init() throws {
        let plan = try samplePlan()
        node = plan.pod.nodes[0]
        verification = Verification(plan, RoleBundle.all(for: plan.pod))
    }

    @Test("looks at every node on every network, and at every service")
    func isWhole() {
        let pings = verification.checks.filter { if case .ping = $0 { true } else { false } }
        #expect(pings.count == 5 * 4)
        // 3 × controller, ha and ceph-mon, one ceph-adm; 2 × compute and ceph-osd.
        #expect(verification.checks.count - pings.count == 3 * 3 + 1 + 2 * 2)
    }

    @Test("passes only when every check says ok", arguments: [0, 7, 33])
    func failures(number: Int) {
        let fine = verification.checks.indices.map { "\($0) ok\n" }
        #expect(verification.failures(from: node, fine.shuffled().joined()).isEmpty)
        var silent = fine
        silent[number] = ""
        #expect(verification.failures(from: node, silent.joined()).map(\.why) == ["not checked"])
        var broken = fine
        broken[number] = "\(number) no answer to ping\n"
        let failures = verification.failures(from: node, broken.joined())
        #expect(failures.map(\.check) == [verification.checks[number]])
        #expect(verification.failures(from: node, "").count == verification.checks.count)
    }

    @Test("does not ask a node about a network that it is not on")
    func strangers() throws {
        var plan = try samplePlan()
        let all = Verification(plan, []).count(from: plan.pod.nodes[0])
        plan.pod.nodes[0].nics.removeAll { $0.name == "eth1" }
        let verification = Verification(plan, [])
        // Four networks of five nodes, less what is on eth1: its own address, and those of the other four.
        #expect(all == 20 && verification.count(from: plan.pod.nodes[0]) == 15)
        #expect(verification.count(from: plan.pod.nodes[1]) == 19)
        #expect(!"\(verification.script(from: plan.pod.nodes[0]))".contains("192.168.20.11"))
        #expect(verification.failures(from: plan.pod.nodes[0], "").count == 15)
    }
}

@Suite("A reading of a node's clock")
struct ClockReadingTests {
    @Test("in step, whatever part of the second and of the question's time it was read in")
    func inStep() {
        #expect(ClockReading("1000.%N", asked: 1000.9, answered: 1001.3)?.offset == .zero)
        #expect(ClockReading("1001\n", asked: 1000.2, answered: 1001.1)?.offset == .zero)
        #expect(ClockReading("1000.500000000", asked: 1000.4, answered: 1000.6)?.offset == .zero)
    }

    @Test("off by at least what it cannot be explained without")
    func off() throws {
        #expect(try #require(ClockReading("1005", asked: 1000, answered: 1001)?.offset) == .seconds(4))
        #expect(try #require(ClockReading("990", asked: 1000, answered: 1001)?.offset) == .seconds(-9))
        #expect(ClockReading("never", asked: 1, answered: 2) == nil)
    }
}
