import ArgumentParser
import LabModel
import Uplink

/// Which way out a lab is to have.
struct UplinkOptions: ParsableArguments {
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

    func validate() throws {
        guard connectTo.isEmpty || mode?.reachesOut == true else {
            throw ValidationError("--connect-to needs --uplink record or --uplink direct.")
        }
    }

    /// Nil when nothing was said.
    var settings: UplinkSettings? {
        mode.map { UplinkSettings(mode: $0, connectTo: connectTo.map(\.description)) }
    }
}

extension UplinkMode: ExpressibleByArgument {}
