import Certificates
import NIOCore
import NIOHTTP1

/// The lab's own server: `http://vlab.test/ca.crt` is what a client needs to trust the servers whose TLS is opened.
struct OwnSite: Sendable {
    static let host = "vlab.test"

    private static let path = "/ca.crt"

    private let certificate: FileAnswer.Contents

    init(authority: CertificateAuthority) {
        let bytes = ByteBuffer(string: authority.certificate)
        let headers: HTTPHeaders = [
            // What browsers and desktops offer to trust, in either encoding.
            "Content-Type": "application/x-x509-ca-cert",
            "Content-Disposition": "attachment; filename=\"vlab.crt\"",
        ]
        certificate = FileAnswer.Contents(
            FileAnswer.Description(size: bytes.readableBytes, headers: headers, source: .gateway),
            bytes
        )
    }

    func answer(_ request: HTTPRequest) -> Delivery {
        guard request.target.path == Self.path else {
            return .text(
                .notFound,
                "vlab gateway: \(Self.host) has \(Self.path), the lab's authority, and no more"
            )
        }
        return FileAnswer(certificate, to: request).delivery
    }
}
