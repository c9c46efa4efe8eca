import Testing

@testable import Gateway

@Suite("What was used lately")
struct RecentlyUsedTests {
    @Test("stays, and the rest goes, however many there are")
    func bounded() {
        let kept = RecentlyUsed<String, Int>(room: 1000)
        kept.keep(-1, as: "used", bytes: 10)
        for number in 0..<10_000 {
            kept.keep(number, as: "\(number)", bytes: 10)
            #expect(kept.find("used") == -1)
        }
        #expect(kept.find("9999") == 9999)
        let rest = (0..<10_000).filter { kept.find("\($0)") != nil }
        // Two generations of a hundred, and no less than the last one.
        #expect((90...200).contains(rest.count))
        #expect(rest == Array(10_000 - rest.count..<10_000))
    }

    @Test("takes the place of what had its name")
    func replaced() {
        let kept = RecentlyUsed<String, Int>(room: 1000)
        for number in 0..<10_000 { kept.keep(number, as: "same", bytes: 10) }
        kept.keep(1, as: "other", bytes: 10)
        #expect(kept.find("same") == 9999)
        #expect(kept.find("other") == 1)
    }
}
