import LabModel

/// DHCP, DNS and HTTP on the install network, for real.
package struct LiveBootServices: BootServices {
    package init() {}

    package func whileServing(
        _ site: BootSite,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let configuration = site.plan.dnsmasq(folder: site.folder) else {
            throw DeployError("\(site.plan.installNetwork.name) has no dhcp_ranges", kind: .badInput)
        }
        let server = try InstallServer(site)
        let host = "\(site.plan.gateway)"
        try await withThrowingTaskGroup(of: Bool.self) { group in
            let (listening, continuation) = AsyncStream<Int>.makeStream()
            group.addTask {
                do {
                    try await server.run(host: host, port: DeployPlan.port) { port in
                        continuation.yield(port)
                        continuation.finish()
                    }
                } catch let error as CancellationError {
                    throw error
                } catch {
                    throw DeployError("cannot serve HTTP on \(host):\(DeployPlan.port): \(error)")
                }
                return false
            }
            group.addTask {
                guard await listening.first(where: { _ in true }) != nil else { throw CancellationError() }
                site.log.say("serves DHCP, DNS and HTTP on \(site.plan.interface), \(site.plan.server)")
                try await Dnsmasq(configuration: configuration).whileRunning(body)
                return true
            }
            group.addTask {
                try await RouterAdvertiser(interface: site.plan.interface).run(time: SystemTimekeeper())
                return false
            }
            defer { group.cancelAll() }
            let ended = try await group.next()
            try Task.checkCancellation()
            guard ended == true else {
                throw DeployError("the HTTP server on \(host):\(DeployPlan.port) ended")
            }
        }
    }
}
