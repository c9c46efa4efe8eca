/// Names something that the BMC has asked for, so that the outcome finds the request.
package struct Ticket: Hashable, Sendable {
    let number: UInt64
}
