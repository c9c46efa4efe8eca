/// For a page (SVG 1.1): the same table with room around it.
extension PodDrawing {
    private static let (left, rowHeight, columnWidth, lineHeight) = (220, 52, 210, 16)
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
            "<rect x=\"20\" y=\"\(y - 20)\" width=\"\(Self.left - 40)\" height=\"40\" rx=\"4\" fill=\"#F2F2F2\" stroke=\"#666666\"/>"
        let detail = [
            row.bmc.map { "BMC \($0)" }, row.roles.isEmpty ? nil : row.roles.joined(separator: " "),
        ]
        .compactMap(\.self).joined(separator: " · ")
        var lines = [
            box,
            Self.text(row.name, x: 28, y: detail.isEmpty ? y + 4 : y - 4, extra: " font-weight=\"bold\""),
        ]
        if !detail.isEmpty {
            let short = detail.count > 32 ? "\(detail.prefix(31))…" : detail
            lines.append(
                "<text x=\"28\" y=\"\(y + 13)\" font-size=\"10\"><title>\(Self.escaped(detail))</title>\(Self.escaped(short))</text>"
            )
        }
        let plugged = row.ports.indices.filter { row.ports[$0] != nil }
        if let last = plugged.last {
            lines.append(
                "<line x1=\"\(Self.left - 20)\" y1=\"\(y)\" x2=\"\(Self.x(of: last))\" y2=\"\(y)\" stroke=\"#999999\"/>"
            )
        }
        for index in plugged {
            guard let port = row.ports[index] else { continue }
            let x = Self.x(of: index)
            lines.append(
                "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"7\" fill=\"\(port.bond == nil ? Self.colour(of: index) : "white")\" stroke=\"\(Self.colour(of: index))\" stroke-width=\"3\"/>"
            )
            let label = ([port.bond].compactMap(\.self) + port.addresses).joined(separator: " ")
            if !label.isEmpty { lines.append(Self.text(label, x: x + 13, y: y - 5)) }
        }
        return lines
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
