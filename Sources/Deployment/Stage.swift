/// The steps of a deployment, in their order.
package enum Stage: String, Sendable, Codable, CaseIterable {
    case validate, power, install, network, time, packages, roles, verify
}
