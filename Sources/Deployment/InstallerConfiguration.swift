import LabModel

/// What the installer ramdisk is told: `KEY=value` lines.
package struct InstallerConfiguration: Hashable, Sendable {
    package var node: String
    package var ntp: Bool
    package var ntpServer: String
    package var disk = "/dev/vda"
    package var image: ImageFacts
    package var urls: [String]
    package var download: DownloadRules
    package var address: IPv4Address
    package var prefixLength: Int
    package var gateway: IPv4Address
    package var nameServers: [IPv4Address]
    package var authorizedKey: String
    package var reportURL: String

    package var text: String {
        let servers = nameServers.map(\.description).joined(separator: " ")
        let lines: [(String, String)] = [
            ("NODE", node), ("NTP", ntp ? "yes" : "no"), ("NTP_SERVER", ntpServer),
            ("DISK", disk), ("IMAGE_URLS", "\"\(urls.joined(separator: " "))\""),
            ("IMAGE_SHA256", image.sha256), ("IMAGE_SIZE", "\(image.size)"),
            ("DOWNLOAD_TRIES", "\(download.tries)"), ("DOWNLOAD_STALL", Self.seconds(download.stall)),
            ("DOWNLOAD_LIMIT", Self.seconds(download.limit)),
            ("DOWNLOAD_RESUME", download.resume ? "yes" : "no"),
            ("DOWNLOAD_PAUSE", "\(Int(download.pause.inSeconds.rounded(.up)))"),
            ("ADDRESS", "\(address)/\(prefixLength)"),
            ("GATEWAY", "\(gateway)"), ("DNS", "\"\(servers)\""), ("AUTHORIZED_KEY", "\"\(authorizedKey)\""),
            ("REPORT_URL", reportURL),
        ]
        return lines.map { "\($0)=\($1)\n" }.joined()
    }

    /// Whole seconds, at least one, because 0 means «no limit»; nil is that 0.
    private static func seconds(_ duration: Duration?) -> String {
        guard let duration else { return "0" }
        return "\(max(1, Int(duration.inSeconds.rounded(.up))))"
    }
}
