import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Where the images of one machine's drive are kept while they are in it.
package struct MediaStore: Sendable {
    /// The largest image that is fetched: a dual-layer DVD has 8.5 GB.
    package static let largestImage = 9 << 30

    private let folder: String
    private let drive: any MediaDrive
    private let limit: Int

    /// How long a server may be silent.
    private static let patience: TimeAmount = .seconds(30)

    /// Keeps images in a folder of the drive's own, which is made when it is needed.
    package init(folder: String, drive: any MediaDrive, largestImage limit: Int = largestImage) {
        (self.folder, self.drive, self.limit) = (folder, drive, limit)
    }

    /// Fetches an image and puts it in.
    func insert(
        _ order: ImageOrder,
        progress: RedfishService.Progress
    ) async throws(Failure) -> VirtualMedia.Image {
        let file = "\(folder)/\(UUID().uuidString).iso"
        do {
            try await fetch(order, to: file, progress)
        } catch {
            remove(file)
            throw (error as? Failure) ?? Failure(400, [Message(.couldNotEstablishConnection, order.address)])
        }
        do {
            try await drive.insert(file)
        } catch {
            remove(file)
            throw Failure(500, .operationFailed)
        }
        return VirtualMedia.Image(
            address: order.address,
            transferProtocol: order.transferProtocol,
            userName: order.userName,
            file: file
        )
    }

    /// Takes an image out, and forgets it.
    func eject(_ image: VirtualMedia.Image) async throws(Failure) {
        do {
            try await drive.eject()
        } catch {
            throw Failure(500, .operationFailed)
        }
        remove(image.file)
    }

    private func remove(_ file: String) {
        // One that was never made is gone as well.
        try? FileManager.default.removeItem(atPath: file)
    }

    private func fetch(_ order: ImageOrder, to file: String, _ progress: RedfishService.Progress) async throws
    {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file])
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        defer { try? handle.close() }  // What could not be written was thrown when it was.
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(10), read: Self.patience)
        if !order.verifiesCertificate {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            configuration.tlsConfiguration = tls
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            try await fetch(order, into: handle, with: client, progress)
            try await client.shutdown()
        } catch {
            try? await client.shutdown()  // The first error says more.
            throw error
        }
    }

    private func fetch(
        _ order: ImageOrder,
        into handle: FileHandle,
        with client: HTTPClient,
        _ progress: RedfishService.Progress
    ) async throws {
        var request = HTTPClientRequest(url: order.address)
        if let user = order.userName {
            request.setBasicAuth(username: user, password: order.password ?? "")
        }
        // The time that all of it may take: an hour for a DVD on a slow network.
        let response = try await client.execute(request, timeout: .hours(1))
        switch response.status.code {
        case 200: break
        case 401, 403:
            throw Failure(
                400,
                [Message(.resourceAtUriUnauthorized, order.address, "\(response.status.code)")]
            )
        default: throw Failure(400, [Message(.couldNotEstablishConnection, order.address)])
        }
        let expected = response.headers.first(name: "content-length").flatMap { Int($0) }
        if let expected, expected > limit { throw tooLarge(expected) }
        var (count, percent) = (0, 0)
        for try await chunk in response.body {
            count += chunk.readableBytes
            guard count <= limit else { throw tooLarge(count) }
            try handle.write(contentsOf: Data(chunk.readableBytesView))
            guard let expected, expected > 0, count * 95 / expected > percent else { continue }
            percent = min(95, count * 95 / expected)
            progress(percent)
        }
        guard count > 0 else { throw Failure(400, [Message(.couldNotEstablishConnection, order.address)]) }
    }

    private func tooLarge(_ size: Int) -> Failure {
        Failure(400, [Message(.actionParameterValueConflict, "Image", "\(size) bytes", about: ["#/Image"])])
    }
}
