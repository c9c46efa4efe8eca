import Certificates
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import Gateway

/// A server that opens TLS and says hello to whoever gets through, for the time of a test.
struct TLSServer: Sendable {
    let port: Int
    let opener: TLSOpener
    let folder: TemporaryFolder
    private let alerts: AsyncStream<TLSAlert?>

    /// curl's arguments: it trusts the authority alone, and finds every name here.
    func curl(_ name: String = "mirror-a.vlab.test") -> String {
        """
        env -u SSL_CERT_DIR curl -sS -m 20 --tlsv1.2 --cacert \(folder.path)/ca.pem --resolve \(name):\(port):127.0.0.1 \
        https://\(name):\(port)/
        """
    }

    /// How the next handshake failed, or that it did for no alert.
    func alert() async -> TLSAlert? {
        for await alert in alerts { return alert }
        return nil
    }

    static func with(
        _ face: TLSOpener.Face = .honest,
        named name: String = "mirror-a.vlab.test",
        _ body: (TLSServer) async throws -> Void
    ) async throws {
        let authority = try CertificateAuthority(named: "test")
        let (opener, folder) = (TLSOpener(authority: authority), try TemporaryFolder())
        try folder.write("ca.pem", authority.certificate)
        let (alerts, found) = AsyncStream.makeStream(of: TLSAlert?.self)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let watch = AlertWatch()
                    try channel.pipeline.syncOperations.addHandlers(
                        watch,
                        opener.handler(for: name, as: face),
                        Welcome(alerts: found, watch: watch)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        let result = await Result {
            try await body(TLSServer(port: port, opener: opener, folder: folder, alerts: alerts))
        }
        try await listener.close().get()
        try result.get()
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

private final class Welcome: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    let alerts: AsyncStream<TLSAlert?>.Continuation
    let watch: AlertWatch
    init(alerts: AsyncStream<TLSAlert?>.Continuation, watch: AlertWatch) {
        (self.alerts, self.watch) = (alerts, watch)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)))
            .whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case NIOSSLError.handshakeFailed(.sslError(let stack)) = error {
            alerts.yield(watch.alert ?? stack.lazy.compactMap { TLSAlert(receivedIn: $0) }.first)
        }
        context.close(promise: nil)
    }
}
