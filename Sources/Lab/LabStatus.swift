import LabModel

/// A lab as a person asks for it: its nodes and its parts.
package struct LabStatus: Sendable, Codable {
    package struct NodeStatus: Sendable, Codable {
        package var name: String
        package var roles: [String]
        package var power: PowerState
        /// By network.
        package var addresses: [String: String]
        package var bmc: String?
        /// NICs without carrier.
        package var linksDown: [String]
        package var boots: Int
        package var stage: String
        package var lastLine: String
    }

    /// A process or service of the lab itself.
    package struct Part: Sendable, Codable {
        package var name: String
        package var isAlive: Bool
        package var detail: String
        package init(name: String, isAlive: Bool, detail: String) {
            (self.name, self.isAlive, self.detail) = (name, isAlive, detail)
        }
    }

    /// Something that is broken on purpose in the world outside.
    package struct Fault: Sendable, Codable {
        package var id: String
        package var kind: String
        /// How often it has bitten.
        package var bites: Int
        package init(id: String, kind: String, bites: Int) {
            (self.id, self.kind, self.bites) = (id, kind, bites)
        }
    }

    package var name: String
    package var pod: String
    package var nodes: [NodeStatus]
    package var parts: [Part]
    package var faults: [Fault] = []
}
