import ArgumentParser
import Foundation

/// How a listing is written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

/// Rows for a person to read: columns as wide as their widest cell.
struct Table {
    var header: [String]
    var rows: [[String]]

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

/// Writes a listing in the format asked for.
func show(_ value: some Encodable, as format: OutputFormat, table: () -> Table) throws {
    switch format {
    case .table: print(table().text)
    case .json: try printJSON(value)
    }
}

/// Writes a value as JSON for people and programs: in lines, the keys sorted.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
