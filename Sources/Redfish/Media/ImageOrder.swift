import Foundation

/// An image that a client wants in the drive.
struct ImageOrder: Hashable, Sendable {
    var address: String
    var transferProtocol: String
    var userName: String?
    var password: String?
    var verifiesCertificate: Bool

    /// The last part of its address.
    var name: String { VirtualMedia.Image.name(of: address) }

    init(
        _ address: String,
        transferProtocol: String?,
        userName: String?,
        password: String?,
        verifiesCertificate: Bool
    ) throws(Failure) {
        let action = "InsertMedia"
        guard let url = URL(string: address), let scheme = url.scheme?.uppercased(),
            url.host?.isEmpty == false
        else {
            throw Failure(
                400,
                [Message(.actionParameterValueFormatError, address, "Image", action, about: ["#/Image"])]
            )
        }
        guard ["HTTP", "HTTPS"].contains(scheme) else {
            throw Failure(
                400,
                [Message(.actionParameterValueNotInList, address, "Image", action, about: ["#/Image"])]
            )
        }
        if let transferProtocol, transferProtocol != scheme {
            throw Failure(
                400,
                [
                    Message(
                        .actionParameterValueConflict,
                        "TransferProtocolType",
                        transferProtocol,
                        about: ["#/TransferProtocolType"]
                    )
                ]
            )
        }
        (self.address, self.transferProtocol, self.userName) = (address, scheme, userName)
        (self.password, self.verifiesCertificate) = (password, verifiesCertificate)
    }
}
