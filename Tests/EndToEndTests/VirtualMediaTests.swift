import Foundation
import LabModel
import TestSupport
import Testing

extension EndToEnd {
    @Suite("Redfish in a lab")
    struct VirtualMediaTests {
        @Test("boots a machine from an image that was put into its drive, over TLS that clients can verify")
        func boot() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                let images = "\(workspace.folder)/images"
                try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
                let disk = BootSectorGuest.disk(greeting: "I am rescue\r\n")
                try BootableCD.image(of: disk).write(to: URL(fileURLWithPath: "\(images)/rescue.iso"))
                let server = try workspace.start([
                    "exec", lab.name, "--", "python3", "-m", "http.server", "8099", "--bind", "127.0.0.1",
                    "--directory", images,
                ])
                defer { server.kill() }
                try await eventually("an answer of the server", within: .seconds(20)) {
                    try await lab.exec("curl", "-sf", "http://127.0.0.1:8099/").status == 0 ? true : nil
                }
                let system = "Systems/ctl01"
                let stranger = try await lab.redfish("ctl01", "GET", system, user: "root:wrong")
                #expect(stranger.contains("NoValidSession"), "\(stranger)")
                #expect(try await lab.redfish("ctl01", "GET", system).contains("\"PowerState\":\"Off\""))
                _ = try await lab.redfish(
                    "ctl01",
                    "POST",
                    "\(system)/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia",
                    #"{"Image": "http://127.0.0.1:8099/rescue.iso"}"#
                )
                let media = try await lab.redfish("ctl01", "GET", "\(system)/VirtualMedia/Cd")
                #expect(media.contains("\"Inserted\":true"), "\(media)")
                let changed = try await lab.redfish(
                    "ctl01",
                    "PATCH",
                    system,
                    #"{"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}}"#
                )
                #expect(changed.contains("\"BootSourceOverrideEnabled\":\"Once\""), "\(changed)")
                // IPMI says the same.
                #expect(try await lab.bmc("ctl01", "chassis bootparam get 5").contains("CD/DVD"))
                _ = try await lab.redfish(
                    "ctl01",
                    "POST",
                    "\(system)/Actions/ComputerSystem.Reset",
                    #"{"ResetType": "On"}"#
                )
                let console = "\(lab.folder)/consoles/ctl01.log"
                try await eventually("the image's greeting", within: .seconds(60)) {
                    let said = FileManager.default.contents(atPath: console) ?? Data()
                    return String(decoding: said, as: UTF8.self).contains("I am rescue") ? true : nil
                }
                let spent = try await lab.redfish("ctl01", "GET", system)
                #expect(spent.contains("\"BootSourceOverrideEnabled\":\"Disabled\""), "\(spent)")
                _ = try await lab.redfish(
                    "ctl01",
                    "POST",
                    "Managers/BMC/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia",
                    "{}"
                )
                #expect(
                    try await lab.redfish("ctl01", "GET", "\(system)/VirtualMedia/Cd").contains(
                        "NotConnected"
                    )
                )
            }
        }
    }
}

extension RunningLab {
    /// Asks a node's BMC by Redfish, whose certificate the jump host trusts.
    func redfish(
        _ node: String,
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        user: String = "root:admin"
    ) async throws -> String {
        let address = try #require(try await status().node(node).bmc)
        var arguments = [
            "exec", name, "--", "curl", "-sS", "-u", user, "-X", method,
        ]
        if let body { arguments += ["-H", "Content-Type: application/json", "-d", body] }
        arguments.append("https://\(address)/redfish/v1/\(path)")
        let result = try await workspace.start(arguments).end(within: .seconds(60))
        try #require(result.status == 0, "\(result)")
        return result.output
    }
}
