import NIOCore
import NIOHTTP1

/// A captive portal: whatever is asked for, the answer is a page that wants somebody to log in, and all is said to be well.
struct HTTPWrongContent: HTTPFault {
    static let form = FaultForm(
        "http.wrong-content",
        "A captive portal answers: a page of HTML with status 200 instead of the file"
    )

    private static let page = """
        <!DOCTYPE html>
        <html><head><title>Welcome to the guest network</title></head>
        <body><h1>Log in to use the Internet</h1><form method="post" action="/login">
        <input name="user"><input name="password" type="password"><button>Log in</button></form></body></html>

        """

    init(_ arguments: FaultArguments) throws(FaultError) {}

    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? {
        guard let claim = turn.take() else { return nil }
        claim.land(["url": request.url])
        return Delivery(
            status: .ok,
            headers: ["Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"],
            body: .bytes(ByteBuffer(string: Self.page)),
            source: .fault
        )
    }
}
