import LabModel
import YAML

/// A pod in another format, and everything that is not the same there.
///
/// What it wrote it reads back: the report is what came out, not what the writers believe.
///
///     let conversion = try PodConversion(of: pod, to: .compass)
///     for item in conversion.items { print(item) }
package struct PodConversion: Sendable, Encodable {
    package let target: PodTarget
    package let files: [WrittenFile]
    /// What is lost first, then what was assumed.
    package let items: [ConversionItem]
    package var losses: [ConversionItem] { items.filter { $0.kind == .lost } }

    /// Throws what is wrong with a pod that the target cannot have at all, in terms of the files that it would have been.
    package init(
        of source: PodReport.Entry,
        to target: PodTarget,
        header: [String] = []
    ) throws(PodNotConvertible) {
        guard let pod = source.pod else {
            throw PodNotConvertible(pod: source.name, target: target, problems: [])
        }
        try self.init(of: pod, source.settings, to: target, header: header)
    }

    package init(of pod: Pod, to target: PodTarget, header: [String] = []) throws(PodNotConvertible) {
        try self.init(of: pod, EngineSettings(), to: target, header: header)
    }

    private init(
        of pod: Pod,
        _ settings: EngineSettings,
        to target: PodTarget,
        header: [String]
    ) throws(PodNotConvertible) {
        let written =
            switch target {
            case .compass, .compassOld:
                CompassWriter(pod: pod, isOld: target == .compassOld, settings: settings, header: header)
                    .write()
            case .pdf: DescriptorWriter(pod: pod, settings: settings, header: header).write()
            case .vlab: OwnWriter(pod: pod, header: header).write()
            }
        let bare = try Self.read(written, lab: nil, of: pod, target)
        let lab = LabFileWriter(pod: pod, bare: bare).write()
        let result = try Self.read(written, lab: lab, of: pod, target)
        let changes = PodDifference(from: pod, to: result).changes.map { change in
            ConversionItem(
                change.before == nil ? .assumed : .lost,
                change.subject,
                change.property,
                before: change.before,
                after: change.after,
                reason: Self.reason(for: change, in: target)
            )
        }
        let all =
            changes + settings.lost(in: target.homes, except: target.dropped) + written.assumed
            + Self.leftBehind(pod)
        self.target = target
        files = written.files + (lab.map { [$0] } ?? [])
        items = all.filter { $0.kind == .lost } + all.filter { $0.kind == .assumed }
    }

    /// A file that `lab.yml` names from its own folder, which may not be the one that is written.
    private static func leftBehind(_ pod: Pod) -> [ConversionItem] {
        let path: String? =
            switch pod.lab?.engine {
            case .policy(let policy): policy
            case .command(let words): words.first
            case nil: nil
            }
        guard let path, path.contains("/"), !path.hasPrefix("/") else { return [] }
        return [
            ConversionItem(
                .assumed,
                "lab.yml",
                "engine",
                after: path,
                reason: "from the folder of lab.yml; take it along"
            )
        ]
    }

    private static func read(
        _ written: WrittenPod,
        lab: WrittenFile?,
        of pod: Pod,
        _ target: PodTarget
    ) throws(PodNotConvertible) -> Pod {
        var reader = PodReader(name: pod.name)
        do throws(Diagnostics) {
            let network = try parse(written.network)
            let hardware = try written.hardware.map { file throws(Diagnostics) in try parse(file) }
            let lab = try lab.map { file throws(Diagnostics) in try parse(file) }
            let result = reader.pod(network: network, hardware: hardware, lab: lab)
            let errors = reader.diagnostics.filter { $0.severity == .error }
            if let result, errors.isEmpty { return result }
            throw Diagnostics(errors)
        } catch {
            throw PodNotConvertible(pod: pod.name, target: target, problems: error.all)
        }
    }

    private static func parse(_ file: WrittenFile) throws(Diagnostics) -> YAMLDocument {
        try YAMLDocument.parse(file.text, file: file.name)
    }

    /// Why the target says it differently.
    private static func reason(for change: PodDifference.Change, in target: PodTarget) -> String? {
        let property = change.property ?? String(change.subject.prefix { $0 != " " })
        let reasons: [String: String] =
            switch target {
            case .compass: compassReasons
            case .compassOld: compassReasons.merging(oldReasons) { $1 }
            case .pdf: opnfvReasons
            case .vlab: [:]
            }
        return reasons[property] ?? (property.hasPrefix("address on ") ? reasons["address on"] : nil)
    }

    private static let compassReasons = [
        "hardware": "Compass4nfv describes no machines",
        "last VLAN": "a network has one tag in Compass4nfv",
        "address on": "Compass4nfv gives addresses in the order of the hosts",
        "range": "it begins where the hosts have their addresses",
        "roles": "Compass4nfv knows only roles of its own",
        "boots from": "Compass4nfv boots from the network with dhcp_ranges",
        "DHCP": "Compass4nfv boots nodes from it",
        "gateway": "Compass4nfv installs from it",
        "address": "Compass4nfv has internal_vip and public_vip alone",
        "BMC's MAC": "without a MAC of eth0 it would be taken for that",
    ]
    private static let oldReasons = [
        "DHCP": "the first generation has no dhcp_ranges",
        "gateway": "the first generation has no gw to install from",
        "boots from": "the first generation does not say what nodes boot from",
        "on": "the first generation reaches outside over the provider's bridge",
    ]
    private static let opnfvReasons = [
        "hardware": "a pod descriptor file describes each machine",
        "bond": "OPNFV's files have no bonds",
        "on": "OPNFV's files have no bonds",
        "DHCP": "OPNFV's files leave it to the installer",
        "address on": "a NIC has room for one address",
        "address": "OPNFV's files have no virtual addresses",
        "provider": "OPNFV's files have no provider networks",
        "attachments": "OPNFV's files attach all nodes alike",
        "IPMI version": "a pod descriptor file knows 1.0 and 2.0",
        "boots from": "OPNFV's installers boot from admin, else the first untagged network",
    ]
}

extension PodTarget {
    /// The files that settings of an engine's own can stand in.
    var homes: Set<EngineSettings.Home> {
        switch self {
        case .compass, .compassOld: [.compassNetwork, .compassHardware]
        case .pdf: [.descriptor, .installer]
        case .vlab: []
        }
    }

    /// What they do not have all the same.
    var dropped: Set<String> { self == .compassOld ? ["tenant_net_info"] : [] }
}

/// A pod that a format cannot have at all.
package struct PodNotConvertible: Error, CustomStringConvertible {
    package var pod: String
    package var target: PodTarget
    /// In the files that would have been written.
    package var problems: [Diagnostic]

    package var description: String {
        let why = problems.isEmpty ? "its files do not describe all of one" : "what it would be has errors"
        return (["\(pod): cannot be written as \(target.rawValue): \(why)"] + problems.map { "  \($0)" })
            .joined(separator: "\n")
    }
}
