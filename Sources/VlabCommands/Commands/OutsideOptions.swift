import ArgumentParser
import LabModel
import Uplink

/// What a lab is to have of the world outside.
struct OutsideOptions: ParsableArguments {
    @Option(
        name: .customLong("uplink"),
        help:
            "The way out: none, cache (what was recorded), record (that, and the rest is fetched and kept), direct."
    )
    var mode: UplinkMode?
    @Option(
        help: ArgumentHelp(
            "Reach a host outside at another address, as curl does; may be repeated.",
            valueName: "host:port:address:port"
        )
    )
    var connectTo: [ConnectTo] = []
    @Option(
        help: ArgumentHelp(
            "What becomes of HTTPS: open, pass, or which hosts are opened or pass, as in open,*.example.org.",
            valueName: "open|pass[,glob…]"
        )
    )
    var https: LabSettings.HTTPS?
    @OptionGroup var cacheSize: CacheSizeOption

    func validate() throws {
        guard connectTo.isEmpty || mode?.reachesOut == true else {
            throw ValidationError("--connect-to needs --uplink record or --uplink direct.")
        }
        _ = try cacheSize.chosen
    }

    var settings: OutsideSettings {
        get throws {
            OutsideSettings(
                uplink: mode.map { UplinkSettings(mode: $0, connectTo: connectTo.map(\.description)) },
                https: https,
                cacheSize: try cacheSize.chosen
            )
        }
    }
}

/// What a user wants of the world outside; nil where nothing was said.
struct OutsideSettings {
    var uplink: UplinkSettings?
    var https: LabSettings.HTTPS?
    var cacheSize: Memory?
}

extension UplinkMode: ExpressibleByArgument {}

extension LabSettings.HTTPS: ExpressibleByArgument {
    /// `open`, `pass`, `open,GLOB…` or `pass,GLOB…`; nil for anything else.
    package init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let hosts = Array(words.dropFirst())
        guard hosts.allSatisfy({ !$0.isEmpty && !$0.contains("/") }) else { return nil }
        switch words.first {
        case "open": self = hosts.isEmpty ? .openAll : .open(hosts)
        case "pass": self = hosts.isEmpty ? .passAll : .pass(hosts)
        default: return nil
        }
    }
}
