import Foundation

/// All figures of one run, for a person and for a program.
struct Report: Codable, Sendable {
    var machine: Machine
    var vlab: String
    var figures: [Figure] = []
    /// What could not be measured, and why.
    var failures: [String] = []
    /// What a lab left behind.
    var leftovers: [String] = []

    init(machine: Machine, vlab: String) { (self.machine, self.vlab) = (machine, vlab) }

    var isClean: Bool { failures.isEmpty && leftovers.isEmpty }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    var table: String {
        let header = ["WHAT", "FIGURE", "FLOOR", "RATIO", "TARGET", ""]
        let rows = figures.map { figure in
            [
                figure.what, figure.text(figure.value), figure.floor.map(figure.text) ?? "–",
                figure.ratio.map { String(format: "%.2f", $0) } ?? "–", figure.target, figure.verdict,
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([header] + rows).map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
        let notes = figures.flatMap { figure in
            ([figure.floorIs.map { "floor: \($0)" }, figure.comparison].compactMap(\.self) + figure.notes)
                .map { "\(figure.what): \($0)" }
        }
        let sections =
            [lines, notes] + [failures.map { "not measured: \($0)" }, leftovers.map { "left over: \($0)" }]
        return ([machine.text] + sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") })
            .joined(separator: "\n\n")
    }
}

/// Where it was measured: figures of different machines do not compare.
struct Machine: Codable, Sendable {
    var processors: Int
    var memory: UInt64
    var kernel: String
    /// How many processes wanted a processor when the run began: others' work makes every time longer.
    var load: String

    static var current: Machine {
        let info = ProcessInfo.processInfo
        return Machine(
            processors: info.activeProcessorCount,
            memory: info.physicalMemory,
            kernel: ProcFile.text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines),
            load: ProcFile.text("/proc/loadavg").split(separator: " ").first.map(String.init) ?? "?"
        )
    }

    var text: String {
        "\(processors) processors, \(memory >> 20) MiB, Linux \(kernel), load at the start \(load)"
    }
}
