import LabModel

/// One kind of fault: what it is called, what it takes and what it does.
///
/// One file a kind; `FaultCatalogue` lists them. A fault acts on one thing: see the protocols below. It takes its turn
/// only when it has something to act on, for only those requests count; and it lands its claim when it acts, which is
/// its proof. Nothing of it may outlast its rule: what waits does so by a `Hold`, which healing ends.
package protocol GatewayFault: Sendable {
    static var form: FaultForm { get }
    init(_ arguments: FaultArguments) throws(FaultError)
}

/// Breaks connections before a byte of them was read: neither path nor method is known, so no rule may ask for them.
protocol ConnectionFault: GatewayFault {
    /// Whether the connection is to be reset.
    func refuses(_ turn: Turn) -> Bool
}

/// Breaks HTTP, in what is asked or what is answered.
protocol HTTPFault: GatewayFault {
    /// Edits what the server gets to see.
    func edit(_ request: inout HTTPRequest, _ turn: Turn)
    /// What the client is told instead of what the server would say; nil leaves the word to the server.
    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery?
    /// Edits what is about to be sent, before its first byte leaves.
    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn)
}

extension HTTPFault {
    func edit(_ request: inout HTTPRequest, _ turn: Turn) {}
    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? { nil }
    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {}
}

/// Breaks the bytes of any connection, HTTP or not, in one direction.
protocol FlowFault: GatewayFault {
    var direction: Flow.Direction { get }
    func edit(_ flow: inout Flow, _ turn: Turn)
}

/// Breaks the handshake of TLS; who has its turn there is answered by the gateway, whatever the policy says.
protocol TLSFault: GatewayFault {
    func edit(_ answer: inout TLSAnswer, _ turn: Turn)
}

/// Breaks look-ups of names.
protocol DNSFault: GatewayFault {
    func edit(_ reply: inout DNSReply, to query: DNSQuery, _ turn: Turn)
}

/// Breaks the time.
protocol NTPFault: GatewayFault {
    func edit(_ reply: inout NTPReply, _ turn: Turn)
}
