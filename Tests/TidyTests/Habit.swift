import Foundation
import Testing

/// A habit, how a file that breaks it is found, and an example of such a file.
struct Habit: Sendable, CustomTestStringConvertible {
    /// What to do.
    var instead: String
    var example: String
    var holds: @Sendable (_ file: SourceFile) -> Bool = { _ in true }

    func holds(in file: SourceFile) -> Bool { holds(file) }
    /// The indices of lines that break it.
    var offences: @Sendable (SourceFile) -> [Int]
    var testDescription: String { instead }

    static let longest = 400

    static let all = [
        Habit(instead: "use a task group, or Task {} in uncancelled", example: "Task.detached { }") {
            $0.find("detached", #"Task\.detached"#)
        },
        Habit(instead: "say in a comment why this error may be dropped", example: "let a = try? b()") {
            file in
            file.find("try?", #"\btry\?"#).filter { !file.isExplained($0) }
        },
        Habit(
            instead: "emit an event or throw; only commands print",
            example: "print(1)",
            holds: { file in
                file.path.hasPrefix("Sources/") && !file.module.hasSuffix("Commands")
                    && !ManifestTable.programs.contains(file.module)
            }
        ) { $0.find("(", #"(^|[^\w.])(print|debugPrint|dump)\("#) },
        Habit(
            instead: "say in a line // SAFETY: why it may cross threads",
            example: "final class A: @unchecked Sendable {}"
        ) { file in
            file.find("@unchecked", #"@unchecked\s+Sendable"#).filter {
                !file.isExplained($0, by: "// SAFETY:")
            }
        },
        Habit(
            instead: "take a part out that has a name: \(longest) lines are enough",
            example: String(repeating: "\n", count: longest + 1)
        ) { $0.lines.count > longest + 1 ? [longest] : [] },
        Habit(instead: "name it for what it does", example: "") { file in
            file.name.range(of: vague + "$", options: .regularExpression) == nil ? [] : [0]
        },
        Habit(instead: "name it for what it does", example: "struct LabManager {}") {
            $0.find(" ", #"\b(struct|class|enum|actor|protocol)\s+\w*"# + vague + #"\b"#)
        },
        Habit(
            instead: "say in a /// sentence what it is",
            example: "package struct A {}",
            holds: { $0.path.hasPrefix("Sources/") }
        ) { file in
            file.find(
                "package",
                #"^package (final |indirect )*(struct|class|enum|actor|protocol|typealias) "#
            )
            .filter { index in
                file.lines[..<index].last { !$0.hasPrefix("@") }?.hasPrefix("///") != true
            }
        },
        Habit(instead: "use package access: nobody imports this package", example: "public struct A {}") {
            $0.find(
                "p",
                #"^\s*(public|open) (final|static|struct|class|enum|actor|protocol|func|var|let|init|extension)\b"#
            )
        },
    ]

    private static let vague = #"(Utils?|Utilities|Utility|Helpers?|Common|Manager)"#
}
