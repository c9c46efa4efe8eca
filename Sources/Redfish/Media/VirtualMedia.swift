/// What is in the drive, as clients see it.
struct VirtualMedia: Hashable, Sendable {
    /// The one drive of a machine.
    static let drive = "Cd"

    struct Image: Hashable, Sendable {
        var address: String
        var transferProtocol: String
        var userName: String?
        /// Where it lies here.
        var file: String

        /// The last part of its address.
        var name: String { Self.name(of: address) }

        static func name(of address: String) -> String {
            address.split(separator: "/").last.map(String.init) ?? address
        }
    }

    var image: Image?
    /// Being fetched, put in or taken out.
    var isChanging = false
    var verifiesCertificate = false
}
