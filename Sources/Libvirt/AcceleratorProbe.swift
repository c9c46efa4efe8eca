import Foundation
import Glibc
import LabModel
import Subprocess
import SystemPackage

/// Which accelerator guests get, and why.
package struct AcceleratorChoice: Hashable, Sendable, Codable {
    package var accelerator: Accelerator
    /// For people: `a guest booted with it in 1.4s`, `/dev/kvm: Permission denied`.
    package var reason: String

    package init(accelerator: Accelerator, reason: String) {
        (self.accelerator, self.reason) = (accelerator, reason)
    }
}

extension AcceleratorChoice: CustomStringConvertible {
    package var description: String {
        switch accelerator {
        case .kvm: "accelerated by KVM (\(reason))"
        case .tcg: "emulated by TCG (\(reason))"
        }
    }
}

/// Finds out whether KVM works here, by booting a guest with it: `/dev/kvm` may open and still be of no use.
///
///     let probe = AcceleratorProbe(kernel: "…/vmlinuz", initrd: "…/initrd.img", marker: "==>", cache: "…/accelerator.json")
///     let choice = try await probe.choose()
package struct AcceleratorProbe: Sendable {
    package var kernel: String
    package var initrd: String
    /// What the guest prints on its serial port once it has come far enough to believe in it.
    package var marker: String
    package var commandLine = "console=ttyS0 panic=-1"
    package var emulator = "/usr/bin/qemu-system-x86_64"
    /// How long the guest may take; with emulation it takes two or three seconds.
    package var limit: Duration = .seconds(15)
    /// Where the outcome is kept for this kernel, QEMU and processor.
    package var cache: String
    /// Must open for reading and writing for KVM to be worth a trial.
    package var device = "/dev/kvm"

    package init(kernel: String, initrd: String, marker: String, cache: String) {
        (self.kernel, self.initrd, self.marker, self.cache) = (kernel, initrd, marker, cache)
    }

    /// The outcome for this host without a trial: nil when only a trial can tell.
    package func known() throws -> AcceleratorChoice? {
        // Not kept: rights change with a log-in, and asking costs nothing.
        if access(device, R_OK | W_OK) != 0 {
            return AcceleratorChoice(
                accelerator: .tcg,
                reason: "\(device): \(String(cString: strerror(errno)))"
            )
        }
        return kept(for: try Host.current(emulator: emulator))
    }

    /// The outcome for this host: as kept, or by a trial.
    package func choose() async throws -> AcceleratorChoice {
        if let known = try known() { return known }
        let host = try Host.current(emulator: emulator)
        let choice = try await tryOut()
        let outcome = Outcome(host: host, choice: choice)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let file = URL(filePath: cache)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try encoder.encode(outcome).write(to: file, options: .atomic)
        return choice
    }

    /// What an earlier trial on this host found; nil if there was none, or the host has changed since.
    private func kept(for host: Host) -> AcceleratorChoice? {
        // A file that is missing or damaged is made anew by the trial that follows.
        guard let data = try? Data(contentsOf: URL(filePath: cache)),
            // As above.
            let outcome = try? JSONDecoder().decode(Outcome.self, from: data), outcome.host == host
        else { return nil }
        return outcome.choice
    }

    /// Boots the guest and waits for its word.
    private func tryOut() async throws -> AcceleratorChoice {
        let started = ContinuousClock.now
        var platform = PlatformOptions()
        platform.teardownSequence = [.send(signal: .kill, allowedDurationToNextStep: .seconds(1))]
        let result = try await Subprocess.run(
            .path(FilePath(emulator)),
            arguments: Arguments([
                "-accel", "kvm", "-cpu", "host", "-machine", "pc", "-m", "256", "-nodefaults", "-display",
                "none",
                "-no-reboot", "-serial", "stdio", "-kernel", kernel, "-initrd", initrd, "-append",
                commandLine,
            ]),
            platformOptions: platform,
            input: .none,
            output: .sequence,
            error: .combinedWithOutput
        ) { qemu in
            let heard = Transcript(marker: marker)
            return await withTaskGroup(of: Bool?.self) { group in
                group.addTask { await heard.listen(to: qemu.standardOutput) }
                group.addTask {
                    // Cancelled when the guest has spoken, or when the caller is; then there is nothing to report.
                    do { try await Task.sleep(for: limit) } catch { return nil }
                    return false
                }
                let first = await group.next() ?? nil
                // Its end is what ends the reading.
                try? qemu.send(signal: .kill)  // It may have ended by itself.
                group.cancelAll()
                await group.waitForAll()
                return (spoke: first, text: await heard.lastLine)
            }
        }
        try Task.checkCancellation()
        let (spoke, text) = result.closureResult
        let time = ContinuousClock.now - started
        switch spoke {
        case true?:
            return AcceleratorChoice(
                accelerator: .kvm,
                reason: "a guest booted with it in \(time.brief)"
            )
        case false?:
            let last = text.isEmpty ? "it printed nothing" : "its last line: \(text)"
            return AcceleratorChoice(
                accelerator: .tcg,
                reason: "a guest with KVM did not come up within \(limit.brief); \(last)"
            )
        case nil:
            return AcceleratorChoice(
                accelerator: .tcg,
                reason: "QEMU with KVM ended: \(text)"
            )
        }
    }

    /// What is kept, and for which host it holds.
    private struct Outcome: Codable {
        var host: Host
        var choice: AcceleratorChoice
    }

    /// All that the outcome depends on.
    private struct Host: Codable, Equatable {
        var kernelRelease: String
        var processor: String
        var emulator: String

        /// QEMU is told by its file: asking it for its version takes a tenth of a second.
        static func current(emulator: String) throws -> Host {
            let path = URL(filePath: emulator).resolvingSymlinksInPath().path
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            let date = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            let bytes = (facts[.size] as? NSNumber)?.uint64Value ?? 0
            func file(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
            let model = try file("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
            return Host(
                kernelRelease: try file("/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines),
                processor: model.map { String($0.drop { $0 != ":" }.dropFirst(2)) } ?? "unknown",
                emulator: "\(path), \(bytes) bytes of \(date)"
            )
        }
    }
}

/// What a guest has printed so far.
private actor Transcript {
    private let marker: [UInt8]
    private var bytes: [UInt8] = []

    init(marker: String) { self.marker = Array(marker.utf8) }

    /// True as soon as the marker has come, nil when the guest ends without it.
    func listen(to output: SubprocessOutputSequence) async -> Bool? {
        do {
            for try await buffer in output {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if !bytes.ranges(of: marker).isEmpty { return true }
                bytes.removeFirst(max(0, bytes.count - 8192))
            }
        } catch {
            bytes += Array("\n\(error)".utf8)
        }
        return nil
    }

    var lastLine: String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    }
}
