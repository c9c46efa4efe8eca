import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// An HTTP server of a test's own: images to fetch, and a place to post events to.
final class ImageServer: Sendable {
    static let image = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })

    private let received = Mutex<[Data]>([])
    private let refusals: Mutex<Int>

    private init(refusals: Int) { self.refusals = Mutex(refusals) }

    /// What was posted.
    var posts: [Data] { received.withLock { $0 } }

    static func with(_ body: (String) async throws -> Void) async throws {
        try await with(refusals: 0) { address, _ in try await body(address) }
    }

    /// Serves as long as `body` takes, whose first argument is its address; refuses that many posts first.
    static func with(refusals: Int, _ body: (String, ImageServer) async throws -> Void) async throws {
        let images = ImageServer(refusals: refusals)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "images", factory: { _ in SwiftLogNoOpLogHandler() }),
            responder: { request, writer, _ in
                let response = try await images.answer(request)
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { channel in
                bound.yield(channel.localAddress?.port ?? 0)
                bound.finish()
            }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            for await port in ports { try await body("http://127.0.0.1:\(port)", images) }
            group.cancelAll()
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        if request.method == .post {
            let body = try await request.body.collect(upTo: 1 << 20)
            let isRefused = refusals.withLock { refusals in
                defer { refusals = max(0, refusals - 1) }
                return refusals > 0
            }
            if isRefused { return Response(status: .serviceUnavailable) }
            received.withLock { $0.append(Data(body.readableBytesView)) }
            return Response(status: .noContent)
        }
        switch request.uri.path {
        case "/good.iso":
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: Self.image)))
        // Without a length, and slowly: a task is what is answered meanwhile.
        case "/slow.iso":
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for start in stride(from: 0, to: Self.image.count, by: 100_000) {
                        try await writer.write(ByteBuffer(bytes: Self.image[start..<start + 100_000]))
                        try await Task.sleep(for: .seconds(1))
                    }
                    try await writer.finish(nil)
                }
            )
        case "/secret.iso":
            return request.headers[.authorization] == "Basic bWU6cHc="
                ? Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: Self.image)))
                : Response(status: .unauthorized)
        default: return Response(status: .notFound)
        }
    }
}
