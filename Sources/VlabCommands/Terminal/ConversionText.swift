import PodSpec

/// What was written and what it does not say, for a person or a program.
struct ConversionText {
    let items: [ConversionItem]
    let files: [WrittenFile]

    /// Losses and assumptions go to standard error; what was written where, or without a folder the files themselves,
    /// to standard output.
    func show(_ report: some Encodable, in folder: String?, as format: OutputFormat) throws {
        guard format == .table else { return try printJSON(report) }
        for item in items { Notes.say("\(item)") }
        for file in files {
            if let folder {
                print("\(folder)/\(file.name)")
            } else {
                if files.count > 1 { print("# \(file.name)") }
                print(file.text)
            }
        }
        let counts = [ConversionItem.Kind.lost, .assumed].map { kind in
            "\(items.count { $0.kind == kind }) \(kind.rawValue)"
        }
        Notes.say(counts.joined(separator: ", ") + (files.isEmpty ? ", nothing written" : ""))
    }
}
