import Foundation
import Testing

/// Habits that a machine can check; each finding names what to do instead.
@Suite("Every Swift file")
struct SwiftHabitTests {
    /// Not this suite's own files, which spell out what they look for.
    static let files = ProjectTree.swiftFiles.filter { $0.module != "TidyTests" }

    @Test("keeps the project's habits", arguments: files)
    func habits(file: SourceFile) {
        for habit in Habit.all where habit.holds(in: file) {
            for index in habit.offences(file) {
                let line = file.lines[index].drop { $0 == " " }
                Issue.record("\(file.path):\(index + 1): \(habit.instead): \(line)")
            }
        }
    }

    @Test("that breaks a habit is found", arguments: Habit.all)
    func found(habit: Habit) {
        let file = SourceFile(
            path: "Sources/Lab/Utils.swift",
            lines: habit.example.components(separatedBy: "\n")
        )
        #expect(habit.holds(in: file))
        #expect(!habit.offences(file).isEmpty)
    }
}
