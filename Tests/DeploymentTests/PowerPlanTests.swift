@testable import Deployment
import LabModel
import Testing

@Suite("A power plan")
struct PowerPlanTests {
    private func rules(_ tries: Int = 3, verify: Bool = true) -> PowerRules {
        PowerRules(
            order: .parallel,
            steps: [.bootPXE, .restart],
            tries: tries,
            pause: .seconds(1),
            delay: .zero,
            limit: .seconds(20),
            settle: .seconds(2),
            verify: verify,
            failure: .report
        )
    }

    /// What the plan does when a BMC answers so; ends after so many steps at the latest.
    private func follow(_ plan: PowerPlan, _ answer: (PowerCommand) -> PowerAnswer) -> [PowerPlan.Next] {
        var plan = plan
        var steps = [plan.next(after: nil)]
        while steps.count < 100, let last = steps.last {
            switch last {
            case .finished, .failed: return steps
            case .pause: steps.append(plan.next(after: nil))
            case .run(let command): steps.append(plan.next(after: answer(command)))
            }
        }
        return steps
    }

    @Test("resets a node that runs, and looks afterwards")
    func resets() {
        let steps = follow(PowerPlan([.bootPXE, .restart], rules())) { $0 == .status ? .power(.on) : .done }
        #expect(
            steps == [
                .run(.bootPXE), .run(.status), .run(.powerReset), .pause(.seconds(2)), .run(.status),
                .finished,
            ]
        )
    }

    @Test("powers on a node that is off")
    func powersOn() {
        var isOn = false
        let steps = follow(PowerPlan([.restart], rules())) { command in
            if command == .powerOn { isOn = true }
            return command == .status ? .power(isOn ? .on : .off) : .done
        }
        #expect(steps == [.run(.status), .run(.powerOn), .pause(.seconds(2)), .run(.status), .finished])
    }

    @Test("tries each command so often and no more")
    func tries() {
        let steps = follow(PowerPlan([.bootPXE, .restart], rules())) { _ in .refused("busy") }
        #expect(
            steps == [
                .run(.bootPXE), .pause(.seconds(1)), .run(.bootPXE), .pause(.seconds(1)), .run(.bootPXE),
                .failed("boot-pxe: busy (3 tries)"),
            ]
        )
    }

    @Test("asks for the network again when a power on that timed out was obeyed: its boot used up the choice")
    func timedOut() {
        // As a BMC does that says C3h, or whose answer was lost: the node boots, once, from what was chosen.
        var (isOn, isChosen, boots) = (false, false, [String]())
        let steps = follow(PowerPlan([.bootPXE, .restart], rules())) { command in
            switch command {
            case .bootPXE: isChosen = true
            case .powerOn, .powerReset:
                boots.append(isChosen ? "network" : "disk")
                (isOn, isChosen) = (true, false)
                if boots.count == 1 { return .refused("Timeout") }
            case .bootDisk: isChosen = false
            case .status: return .power(isOn ? .on : .off)
            }
            return .done
        }
        #expect(boots == ["network", "network"])
        #expect(
            steps == [
                .run(.bootPXE), .run(.status), .run(.powerOn), .pause(.seconds(1)),
                .run(.bootPXE), .run(.status), .run(.powerReset), .pause(.seconds(2)), .run(.status),
                .finished,
            ]
        )
    }

    @Test("tries a power step that is refused each time so often and no more, with its boot device")
    func refusedPower() {
        let steps = follow(PowerPlan([.bootPXE, .restart], rules())) { command in
            switch command {
            case .status: .power(.off)
            case .powerOn, .powerReset: .refused("Node busy")
            case .bootPXE, .bootDisk: .done
            }
        }
        #expect(steps.last == .failed("restart: Node busy (3 tries)"))
        #expect(steps.filter { $0 == .run(.bootPXE) }.count == 3)
        #expect(steps.filter { $0 == .run(.powerOn) }.count == 3)
    }

    @Test("gives up on a node that stays off although its BMC obeys")
    func staysOff() {
        let steps = follow(PowerPlan([.bootPXE, .restart], rules())) { $0 == .status ? .power(.off) : .done }
        #expect(steps.last == .failed("still off after 3 tries"))
        #expect(steps.filter { $0 == .run(.powerOn) }.count == 3)
        #expect(steps.filter { $0 == .run(.bootPXE) }.count == 3)
    }

    @Test("without verification ends with its last command, as Compass4nfv's script does")
    func withoutVerification() {
        let steps = follow(PowerPlan([.powerOn, .bootPXE, .powerReset], rules(5, verify: false))) { _ in .done
        }
        #expect(steps == [.run(.powerOn), .run(.bootPXE), .run(.powerReset), .finished])
    }
}
