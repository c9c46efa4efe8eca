import Foundation
import Gateway
import Glibc
import Hummingbird
import HummingbirdCore
import IPMI
import Lab
import LabModel
import Logging
import NIOCore
import PodSpec
import Sandbox
import NIOPosix
import ServiceLifecycle
import VirtualBMC

/// The supervisor's side of the command line: HTTP on a Unix socket in the lab's folder.
struct ControlServer {
    let lab: Lab
    let bmcs: BMCRack
    let gateway: Gateway
    let runs: ScenarioRuns
    let uplink: UplinkKeeper
    let socket: String
    let logger: Logger
    /// Called when somebody asks the lab to end.
    let stop: @Sendable () -> Void

    /// Serves until cancelled; `whenReady` is called once the socket answers.
    func run(whenReady: @escaping @Sendable () -> Void) async throws {
        let router = Router()
        router.get("status") { _, _ in
            var status = lab.status
            status.faults = gateway.installed.map { rule, bites in
                LabStatus.Fault(id: rule.id, kind: rule.kind, bites: bites)
            }
            return try Self.json(status)
        }
        router.get("events") { request, _ in
            let place = request.uri.queryParameters["from"].flatMap { Int($0) }
            let lines = try lab.events.lines(from: place)
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for try await piece in lines { try await writer.write(ByteBuffer(bytes: piece)) }
                    try await writer.finish(nil)
                }
            )
        }
        router.post("nodes/{node}/power/{action}") { _, context in
            let (machine, name) = (try machine(context), try context.parameters.require("action"))
            guard let action = PowerAction(rawValue: name) else {
                throw ControlError.refused("there is no power action \(name)")
            }
            try await Self.honest { try await machine.perform(action) }
            return try Self.json(["power": machine.power.rawValue])
        }
        router.get("nodes/{node}/console") { _, context in
            let bytes = try machine(context).console.watch()
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for await chunk in bytes { try await writer.write(ByteBuffer(bytes: chunk)) }
                    try await writer.finish(nil)
                }
            )
        }
        router.post("nodes/{node}/console") { request, context in
            let typed = try await request.body.collect(upTo: 64 << 10)
            let machine = try machine(context)
            try await Self.honest { try await machine.type(Array(typed.readableBytesView)) }
            return Response(status: .noContent)
        }
        router.get("neighbours") { _, _ in
            let pairs = try NeighbourTable.current().compactMap { address, mac in
                if case .v4(let address) = address {
                    SeenAddresses.Neighbour(address: address, mac: mac)
                } else {
                    nil
                }
            }
            return try Self.json(pairs)
        }
        router.get("bmcs") { [bmcs] _, _ in try Self.json(bmcs.servers.map(\.status)) }
        router.post("nodes/{node}/bmc/misbehaviours") { request, context in
            let bmc = try bmc(context)
            let body = try await request.body.collect(upTo: 64 << 10)
            let order = try JSONDecoder().decode(MisbehaviourOrder.self, from: Data(body.readableBytesView))
            try await Self.honest { bmc.misbehave(try Misbehaviour(order.kind, order.arguments), by: .hand) }
            return Response(status: .noContent)
        }
        router.delete("nodes/{node}/bmc/misbehaviours") { request, context in
            let kind = request.uri.queryParameters["kind"].map { String($0) }
            return try Self.json(try bmc(context).behave(kind, by: .hand))
        }
        let byHand = HandRules(gateway: gateway) { lab.events.emit($0) }
        router.get("net") { [gateway, uplink] _, _ in
            try Self.json(NetStatus(gateway, uplink: await uplink.mode))
        }
        router.post("net/rules") { request, _ in
            let body = try await request.body.collect(upTo: 64 << 10)
            let rule = try JSONDecoder().decode(Rule.self, from: Data(body.readableBytesView))
            do { return try Self.json(await NetStatus.Installed(byHand.install(rule))) } catch {
                throw ControlError.refused("\(error)")
            }
        }
        router.delete("net/rules") { request, _ in
            try await Self.json(byHand.remove(request.uri.queryParameters["id"].map { String($0) }))
        }
        router.post("runs") { [runs] request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let order = try JSONDecoder().decode(RunOrder.self, from: Data(body.readableBytesView))
            let job = try runs.begin(order)
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    do {
                        for await line in job.lines { try await writer.write(ByteBuffer(bytes: line)) }
                        try await writer.finish(nil)
                    } catch {
                        job.abandon()
                        throw error
                    }
                }
            )
        }
        router.put("uplink/{mode}") { [uplink] _, context in
            let name = try context.parameters.require("mode")
            guard let mode = UplinkMode(rawValue: name) else {
                throw ControlError.refused("there is no mode \(name)")
            }
            try await Self.honest { try await uplink.set(mode) }
            return Response(status: .noContent)
        }
        router.post("stop") { _, _ in
            stop()
            return Response(status: .accepted)
        }
        let (socket, logger, responder) = (socket, logger, router.buildResponder())
        unsafe unlink(socket)
        // Not as Hummingbird's Application, which writes the date down every second, also for nobody.
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .unixDomainSocket(path: socket)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger,
            responder: { request, writer, channel in
                let source = ApplicationRequestContextSource(channel: channel, logger: logger)
                let response = await Self.response(of: responder, to: request, source)
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { _ in
                unsafe chmod(socket, 0o600)
                whenReady()
            }
        )
        try await server.run()
    }

    /// What was not foreseen is the lab's own failure, and is said too.
    private static func response(
        of router: RouterResponder<BasicRequestContext>,
        to request: Request,
        _ source: ApplicationRequestContextSource
    ) async -> Response {
        do {
            return try await router.respond(to: request, context: BasicRequestContext(source: source))
        } catch {
            return Response(
                status: .internalServerError,
                body: ResponseBody(byteBuffer: ByteBuffer(string: "\(error)"))
            )
        }
    }

    private func machine(_ context: some RequestContext) throws -> Machine {
        let name = try context.parameters.require("node")
        do { return try lab.machine(name) } catch { throw ControlError.refused("\(error)") }
    }

    private func bmc(_ context: some RequestContext) throws -> BMCServer {
        let name = try context.parameters.require("node")
        do { return try bmcs.bmc(of: name) } catch { throw ControlError.refused("\(error)") }
    }

    /// What failed is said to the client in the words of whoever failed.
    private static func honest(_ body: () async throws -> Void) async throws {
        do { try await body() } catch { throw ControlError.refused("\(error)") }
    }

    private static func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Response(
            status: .ok,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value)))
        )
    }
}

/// An answer to the command line that says why not.
enum ControlError: HTTPResponseError {
    case refused(String)

    var status: HTTPResponse.Status { .conflict }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        switch self {
        case .refused(let why):
            Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: why)))
        }
    }
}
