/// For a page (SVG 1.1): the same table with room around it.
extension PodDrawing {
    private static let (left, rowHeight, columnWidth, lineHeight) = (280, 58, 210, 16)
    /// Okabe and Ito's colours, which people who see few colours tell apart too.
    private static let colours = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
    ]

    package var svg: String {
        let labels = columns.map(\.labels.count).max() ?? 0
        let top = 64 + Self.lineHeight * (labels + 1)
        let bottom = top + Self.rowHeight * rows.count
        let width = Self.left + Self.columnWidth * max(columns.count, 1) + 40
        let height = bottom + Self.lineHeight * (remarks.count + 2)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"12\">",
            "<title>\(Self.escaped(title))</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            Self.text(title, x: 20, y: 30, extra: " font-size=\"18\""),
        ]
        for (index, column) in columns.enumerated() {
            lines += self.column(column, at: index, from: top, to: bottom)
        }
        for (index, row) in rows.enumerated() {
            lines += self.row(row, y: top + Self.rowHeight * index + Self.rowHeight / 2)
        }
        for (index, remark) in remarks.enumerated() {
            lines.append(Self.text(remark, x: 20, y: bottom + Self.lineHeight * (index + 2)))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private static func x(of column: Int) -> Int { left + columnWidth * column + 40 }
    private static func colour(of column: Int) -> String { colours[column % colours.count] }

    private func column(_ column: Column, at index: Int, from top: Int, to bottom: Int) -> [String] {
        let (x, colour) = (Self.x(of: index), Self.colour(of: index))
        let name = Self.text(column.name, x: x, y: 60, extra: " font-weight=\"bold\" fill=\"\(colour)\"")
        let labels = column.labels.enumerated().map { line, label in
            Self.text(label, x: x, y: 60 + Self.lineHeight * (line + 1))
        }
        let wire =
            "<line x1=\"\(x)\" y1=\"\(top)\" x2=\"\(x)\" y2=\"\(bottom)\" stroke=\"\(colour)\" stroke-width=\"5\"/>"
        return [name] + labels + [wire]
    }

    private func row(_ row: Row, y: Int) -> [String] {
        let box =
            "<rect x=\"20\" y=\"\(y - 24)\" width=\"\(Self.left - 40)\" height=\"48\" rx=\"4\" fill=\"#F2F2F2\" stroke=\"#666666\"/>"
        let details = [
            row.bmc.map { "BMC \($0)" }, row.roles.isEmpty ? nil : row.roles.joined(separator: " "),
        ]
        .compactMap(\.self)
        var lines = [
            box, Self.text(row.name, x: 28, y: y + 4 - 7 * details.count, extra: " font-weight=\"bold\""),
        ]
        for (index, detail) in details.enumerated() {
            let short = detail.count > 40 ? "\(detail.prefix(39))…" : detail
            let place = y + (details.count == 2 ? 5 : 11) + 13 * index
            lines.append(
                "<text x=\"28\" y=\"\(place)\" font-size=\"10\"><title>\(Self.escaped(detail))</title>\(Self.escaped(short))</text>"
            )
        }
        let plugged = row.ports.indices.filter { row.ports[$0] != nil }
        if let last = plugged.last {
            lines.append(Self.wire(from: Self.left - 20, to: Self.x(of: last), y: y, "stroke=\"#999999\""))
        }
        lines += bonds(of: row, y: y)
        for index in plugged {
            guard let port = row.ports[index] else { continue }
            let x = Self.x(of: index)
            lines.append(
                "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"7\" fill=\"\(port.bond == nil ? Self.colour(of: index) : "white")\" stroke=\"\(Self.colour(of: index))\" stroke-width=\"3\"/>"
            )
            lines += Self.labels(of: port).enumerated().map { line, label in
                // The first stands above the wire, the others below it.
                Self.text(
                    label,
                    x: x + 13,
                    y: line == 0 ? y - 6 : y + 2 + 13 * line,
                    extra: " font-size=\"11\""
                )
            }
        }
        return lines
    }

    /// Ports of one bond are joined by a line of its own.
    private func bonds(of row: Row, y: Int) -> [String] {
        let names = Set(row.ports.compactMap { $0?.bond }).sorted()
        return names.compactMap { name in
            let ports = row.ports.indices.filter { row.ports[$0]?.bond == name }
            guard let first = ports.first, let last = ports.last, first < last else { return nil }
            return Self.wire(
                from: Self.x(of: first),
                to: Self.x(of: last),
                y: y,
                "stroke=\"#333333\" stroke-width=\"4\""
            )
        }
    }

    private static func wire(from start: Int, to end: Int, y: Int, _ style: String) -> String {
        "<line x1=\"\(start)\" y1=\"\(y)\" x2=\"\(end)\" y2=\"\(y)\" \(style)/>"
    }

    /// A line for the bond, and one for each two addresses; several networks are told apart by name.
    private static func labels(of port: Port) -> [String] {
        let isAlone = port.addresses.count < 2
        let addresses = port.addresses.map { isAlone ? $0.text : "\($0.network) \($0.text)" }
        let bond =
            port.bond.map { name in isAlone ? [([name] + addresses).joined(separator: " ")] : [name] } ?? []
        guard !isAlone else { return bond.isEmpty ? addresses : bond }
        let pairs = stride(from: 0, to: addresses.count, by: 2).map { start in
            addresses[start..<min(start + 2, addresses.count)].joined(separator: ", ")
        }
        return bond + pairs
    }

    private static func text(_ text: String, x: Int, y: Int, extra: String = "") -> String {
        "<text x=\"\(x)\" y=\"\(y)\"\(extra)>\(escaped(text))</text>"
    }

    /// Names come from files; none of them may become markup.
    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}
