import ArgumentParser
import DownloadCache
import Foundation
import LabModel

struct CacheList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show recorded responses.",
        discussion: """
            SET is the state of a mirror that a response belongs to. In a pattern * stands for anything but a slash, \
            ** for anything.
            Example: vlab cache list '**/dists/**' --format json
            """
    )
    @Argument(help: "Patterns of URLs; all when there is none.") var patterns: [String] = []
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Row: Encodable {
        var url: String
        var method: String
        var status: Int
        var bytes: Int
        var sha256: String
        var recorded: Date
        var used: Date
        var set: String?
        var isToRefresh: Bool
    }

    func run() async throws {
        let rows = try CacheCommand.care().list(CacheCommand.globs(patterns)).map { listing in
            Row(
                url: listing.url,
                method: listing.method,
                status: listing.response.status,
                bytes: listing.response.size,
                sha256: listing.response.digest,
                recorded: Date(timeIntervalSince1970: Double(listing.response.recorded)),
                used: Date(timeIntervalSince1970: Double(listing.lastUse)),
                set: listing.response.set,
                isToRefresh: listing.response.isToRefresh ?? false
            )
        }
        try show(rows, as: format) {
            Table(
                header: ["STATUS", "BYTES", "RECORDED", "USED", "URL", "SET"],
                rows: rows.map { row in
                    [
                        "\(row.status)", "\(row.bytes)",
                        Self.text(row.recorded) + (row.isToRefresh ? ", to refresh" : ""),
                        Self.text(row.used),
                        row.method == "GET" ? row.url : "\(row.method) \(row.url)", row.set ?? "",
                    ]
                }
            )
        }
    }

    private static func text(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
    }
}
