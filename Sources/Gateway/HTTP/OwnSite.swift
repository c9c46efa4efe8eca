import Certificates
import NIOCore
import NIOHTTP1

/// The lab's own server: `http://vlab.test/ca.crt` is what a client needs to trust the servers whose TLS is opened.
struct OwnSite: Sendable {
    static let host = "vlab.test"

    private static let path = "/ca.crt"

    let authority: CertificateAuthority

    func answer(_ request: HTTPRequest) -> Delivery {
        guard request.target.path == Self.path else {
            return .text(
                .notFound,
                "vlab gateway: \(Self.host) has \(Self.path), the lab's authority, and no more"
            )
        }
        let body = ByteBuffer(string: authority.certificate)
        let headers: HTTPHeaders = [
            // What browsers and desktops offer to trust, in either encoding.
            "Content-Type": "application/x-x509-ca-cert",
            "Content-Disposition": "attachment; filename=\"vlab.crt\"",
        ]
        let about = FileAnswer.Description(size: body.readableBytes, headers: headers, source: .gateway)
        return FileAnswer(about, to: request) { part in
            .bytes(body.getSlice(at: part.lowerBound, length: part.count) ?? ByteBuffer())
        }.delivery
    }
}
