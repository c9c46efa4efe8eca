import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Takes events to those who subscribed to them.
enum EventCourier {
    /// How often a delivery is tried before its subscription is suspended.
    static let attempts = 3
    /// Seconds between them.
    static let interval = 1
    private static let patience: TimeAmount = .seconds(10)

    /// Whether it got there.
    static func deliver(_ event: RedfishEvent, to subscription: Subscription) async -> Bool {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: patience)
        if !subscription.verifiesCertificate {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            configuration.tlsConfiguration = tls
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let isDelivered = await deliver(event, to: subscription, with: client)
        try? await client.shutdown()  // Its connections end with it either way.
        return isDelivered
    }

    private static func deliver(
        _ event: RedfishEvent,
        to subscription: Subscription,
        with client: HTTPClient
    ) async -> Bool {
        var request = HTTPClientRequest(url: subscription.destination)
        request.method = .POST
        for (name, value) in subscription.headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        request.headers.replaceOrAdd(name: "OData-Version", value: "4.0")
        request.body = .bytes(ByteBuffer(bytes: event.json(context: subscription.context).bytes))
        for attempt in 1...attempts {
            do {
                let response = try await client.execute(request, timeout: patience)
                if (200..<300).contains(response.status.code) { return true }
            } catch {
                // Tried again below, as a refusal is.
            }
            guard attempt < attempts, !Task.isCancelled else { break }
            // A cancelled wait ends the attempts at the next look.
            try? await Task.sleep(for: .seconds(interval))
        }
        return false
    }
}
