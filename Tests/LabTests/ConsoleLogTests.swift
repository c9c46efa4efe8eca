import LabModel
import Testing

@testable import Lab

@Suite("A console")
struct ConsoleLogTests {
    let heard = Heard()

    private func console() -> ConsoleLog { ConsoleLog(node: "ctl01", emit: heard.sink) }

    private var lines: [String] {
        heard.events.filter { $0.event == "console.line" }.compactMap { $0.details["line"] }
    }

    @Test(
        "shows a line as a person sees it",
        arguments: [
            ("plain", "plain"), ("\u{1B}[1;31mred\u{1B}[0m text", "red text"), ("50%\r51%\r52%", "52%"),
            ("ends\r", "ends"), ("ends twice\r\r", "ends twice"), ("\u{1B}[2J\u{1B}[H==> Clock", "==> Clock"),
            ("tab\there", "tab\there"), ("bell\u{07}", "bell"), ("trailing   ", "trailing"), ("\u{1B}", ""),
            ("\u{1B}[", ""), ("\u{1B}[12;", ""), ("Grüße", "Grüße"), ("", ""),
        ]
    )
    func plain(raw: String, seen: String) {
        #expect(ConsoleLog.plain(Array(raw.utf8)) == seen)
    }

    @Test("is one line however its bytes come")
    func chunks() {
        let (whole, bytes) = (console(), Array("one\r\n\u{1B}[7mtwo\u{1B}[0m\r\n\r\nthree".utf8))
        whole.receive(bytes)
        #expect(lines == ["one", "two"])
        #expect(whole.lastLine == "three")
        let single = console()
        for byte in bytes { single.receive([byte]) }
        #expect(lines == ["one", "two", "one", "two"])
        #expect(single.lastLine == "three")
    }

    @Test("tells a prompt while it stands there, once")
    func prompt() {
        let console = console()
        console.receive(Array("Welcome\nctl01 login:".utf8))
        #expect(lines == ["Welcome", "ctl01 login:"])
        #expect(console.stage == "login prompt")
        console.receive(Array(" ".utf8))
        console.receive(Array("\r\n".utf8))
        #expect(lines == ["Welcome", "ctl01 login:"])
        console.receive(Array("ctl01 login:".utf8))
        #expect(lines.count == 3)
    }

    @Test(
        "knows the stage that a line tells",
        arguments: [
            ("==> Partitioning /dev/vda", "Partitioning /dev/vda"),
            ("!!! Download failed: stalled at byte 4096", "Download failed: stalled at byte 4096"),
            ("iPXE initialising devices...ok", "network boot"), ("Booting from Hard Disk...", "disk boot"),
            ("SeaBIOS (version 1.16.2)", "firmware"), ("ctl01 login:", "login prompt"), ("random", nil),
            ("see ==> here", nil), ("", nil),
        ] as [(String, String?)]
    )
    func stages(line: String, stage: String?) {
        #expect(ConsoleLog.stage(of: line) == stage)
    }

    @Test("tells each stage once, and each of a new boot again")
    func stageEvents() {
        let console = console()
        for text in ["==> Clock\n", "x\n", "==> Clock\n", "==> Download\n"] {
            console.receive(Array(text.utf8))
        }
        console.begin()
        #expect(console.stage == "booting")
        console.receive(Array("==> Clock\n".utf8))
        let stages = heard.events.filter { $0.event == "stage" }.compactMap { $0.details["stage"] }
        #expect(stages == ["Clock", "Download", "Clock"])
    }

    @Test("gives who comes late all that was said, then all that comes")
    func lateWatcher() async {
        let console = console()
        console.receive(Array("before ".utf8))
        let (first, second) = (console.watch(), console.watch())
        console.receive(Array("after".utf8))
        for stream in [first, second] {
            var seen: [UInt8] = []
            for await bytes in stream {
                seen += bytes
                if seen.count >= 12 { break }
            }
            #expect(String(decoding: seen, as: UTF8.self) == "before after")
        }
    }

    @Test("cuts a line that does not end, and keeps a bounded history")
    func endless() async {
        let console = console()
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        for _ in 0..<100 { console.receive(chunk) }
        #expect(lines.count == 1_000_000 / 4096)
        #expect(lines.allSatisfy { $0.utf8.count <= 4096 })
        #expect(lines.map(\.utf8.count).reduce(0, +) + console.lastLine.utf8.count == 1_000_000)
        for await history in console.watch() {
            #expect((64 << 10...128 << 10).contains(history.count))
            break
        }
    }
}
