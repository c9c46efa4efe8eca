import LabModel

/// Who asks: a node of the lab, the engine, or somebody unknown.
package struct Client: Hashable, Sendable {
    package let address: IPAddress
    /// The node whose address it is.
    package let node: String?
    /// The address as events have it.
    let text: String

    package init(address: IPAddress, node: String?) {
        (self.address, self.node, text) = (address, node, address.description)
    }

    /// What it is known by: its node's name, which stays when the address changes, else its address.
    package var name: String { node ?? text }
}
