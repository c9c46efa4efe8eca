/// For a terminal: the switches stand as lines, and each machine reaches out to those that it is plugged into.
///
/// Several networks on one switch are told apart by their tags: `101:.5 102:.5`. Ports of one bond are joined by `═`.
extension PodDrawing {
    package var text: String {
        let names = rows.map(\.name.count).max() ?? 0
        let widths = columns.indices.map { index in
            let cells = rows.map { $0.ports[index].map { Self.label($0).count + 3 } ?? 0 }
            return ([columns[index].name.count] + columns[index].labels.map(\.count) + cells).max().map {
                $0 + 2
            } ?? 2
        }
        let indent = String(repeating: " ", count: names + 2)
        let heights = columns.map { $0.labels.count }.max() ?? 0
        var lines = [title, ""]
        lines.append(indent + Self.join(columns.map(\.name), widths))
        for line in 0..<heights {
            let labels = columns.map { $0.labels.indices.contains(line) ? $0.labels[line] : "│" }
            lines.append(indent + Self.join(labels, widths))
        }
        for (index, row) in rows.enumerated() {
            // Room between few machines; many stand close, so that all are seen at once.
            if index == 0 || rows.count <= Self.fewRows {
                lines.append(indent + Self.join(columns.map { _ in "│" }, widths))
            }
            lines.append(self.line(row, names, widths))
        }
        let text = lines + (remarks.isEmpty ? [] : [""]) + remarks
        return text.map(Self.trimmed).joined(separator: "\n")
    }

    private static let fewRows = 10

    /// `ctl01 ──●─ .50 ──────●─ .10`, up to the last switch that the machine is plugged into.
    private func line(_ row: Row, _ names: Int, _ widths: [Int]) -> String {
        let last = row.ports.lastIndex { $0 != nil } ?? -1
        var text = Self.padded(row.name, names, with: " ") + (last >= 0 ? " ─" : "  ")
        for (index, port) in row.ports.enumerated() {
            let cell =
                if let port {
                    "\(port.bond == nil ? "●" : "◆") \(Self.label(port)) "
                } else if index < last {
                    "┼"
                } else {
                    "│"
                }
            let isBonded =
                port?.bond != nil && row.ports.dropFirst(index + 1).contains { $0?.bond == port?.bond }
            let wire: Character = isBonded ? "═" : "─"
            text += Self.padded(cell, widths[index], with: index < last ? wire : " ")
        }
        let roles = row.roles.isEmpty ? [] : [row.roles.joined(separator: " ")]
        let bmc = row.bmc.map { ["BMC \($0)"] } ?? []
        return text + (bmc + roles).joined(separator: "  ")
    }

    private static func label(_ port: Port) -> String {
        let isAlone = port.addresses.count < 2
        let addresses = port.addresses.map { one in
            (isAlone ? "" : one.vlan.map { "\($0):" } ?? "") + one.text
        }
        let parts = [port.bond].compactMap(\.self) + addresses
        return parts.isEmpty ? "–" : parts.joined(separator: " ")
    }

    private static func join(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).map { padded($0, $1, with: " ") }.joined()
    }

    private static func padded(_ text: String, _ width: Int, with filler: Character) -> String {
        text + String(repeating: filler, count: max(0, width - text.count))
    }

    private static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
