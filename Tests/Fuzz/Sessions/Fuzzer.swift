import Clibfuzzer
import Glibc
import Synchronization

/// How many packets all programs were, together.
private let packets = Atomic<Int>(0)

/// Has libFuzzer make up programs for a BMC; takes libFuzzer's options.
@main
struct Fuzzer {
    static func main() {
        atexit { print("\(packets.load(ordering: .relaxed)) packets") }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        let status = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
            let fuzzed = FuzzedBMC()
            do {
                try fuzzed.run(Array(UnsafeBufferPointer(start: start, count: count)))
                try fuzzed.finish()
            } catch {
                fatalError("\(error)")
            }
            packets.add(fuzzed.packets, ordering: .relaxed)
            return 0
        }
        exit(status)
    }
}
