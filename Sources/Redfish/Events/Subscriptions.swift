/// Who is told of events.
struct Subscriptions: Sendable {
    private var next = 1
    private var subscriptions: [String: Subscription] = [:]
    private var nextEvent = 1

    var all: [Subscription] {
        subscriptions.values.sorted { ($0.id.count, $0.id) < ($1.id.count, $1.id) }
    }

    subscript(_ id: String) -> Subscription? {
        get { subscriptions[id] }
        set { subscriptions[id] = newValue }
    }

    /// Nil when there are as many as there may be.
    mutating func add(_ make: (String) -> Subscription) -> Subscription? {
        guard subscriptions.count < Subscription.limit else { return nil }
        let subscription = make("\(next)")
        next += 1
        subscriptions[subscription.id] = subscription
        return subscription
    }

    mutating func newEventID() -> String {
        defer { nextEvent += 1 }
        return "\(nextEvent)"
    }
}
