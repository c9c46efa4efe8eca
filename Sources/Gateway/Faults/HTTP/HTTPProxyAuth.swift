import NIOHTTP1

/// A proxy in between wants to know who asks (RFC 9110 §15.5.8).
struct HTTPProxyAuth: HTTPFault {
    static let form = FaultForm("http.proxy-auth", "A proxy in between wants a user and a password (407)")

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? {
        guard let claim = turn.take() else { return nil }
        claim.land(["url": request.url])
        var delivery = Delivery.text(
            .proxyAuthenticationRequired,
            "407 Proxy Authentication Required",
            source: .fault
        )
        delivery.headers.add(name: "Proxy-Authenticate", value: "Basic realm=\"proxy\"")
        return delivery
    }
}
