import Foundation
import IPMI
import LabModel
import NIOCore
import Synchronization
import VirtualBMC

extension Failure {
    static let unauthorized = Failure(
        401,
        [Message(.noValidSession)],
        headers: ["WWW-Authenticate": "Basic realm=\"BMC\""]
    )

    static func notAllowed(_ resource: Resource) -> Failure {
        Failure(405, [Message(.operationNotAllowed)], headers: ["Allow": resource.allowed])
    }
}

extension LabEvent {
    /// One request to a Redfish service.
    init(_ call: Call, _ answer: Answer, user: String?, node: String) {
        var details: LabEvent.Details = [
            "method": call.method?.rawValue ?? "?", "path": call.path, "client": call.client,
            "status": "\(answer.status)",
        ]
        details["user"] = user
        self.init("redfish.request", node: node, details)
    }
}
