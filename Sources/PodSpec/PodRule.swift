import LabModel
import YAML

/// What a pod's files are asked, each by a name that never changes.
package enum PodRule: String, CaseIterable, Sendable {
    // Addresses.
    case addressOutside = "address-outside-network"
    case addressTaken = "address-taken"
    case addressElsewhere = "address-elsewhere"
    case networksOverlap = "networks-overlap"
    case rangePairs = "range-pairs"
    case rangeReversed = "range-reversed"
    case rangeShort = "range-short"
    case rangeNoHost = "range-no-host-address"
    case rangesOverlap = "ranges-overlap"
    case gatewayMissing = "gateway-missing"
    case vipInRange = "vip-in-range"
    case vipNetwork = "vip-network-unknown"
    case floatingElsewhere = "floating-elsewhere"
    // Wires.
    case vlanClash = "vlan-clash"
    case vlanNumber = "vlan-number"
    case bootTagged = "boot-network-tagged"
    case bootUnknown = "boot-network-unknown"
    case networkTwice = "network-twice"
    case networkSplit = "network-split-by-role"
    case networkUnaddressed = "network-without-addresses"
    case networkUnwired = "network-without-nic"
    case nicUnknown = "nic-unknown"
    case nicTwice = "nic-twice"
    case nicUnnamed = "nic-without-mac"
    case portTwice = "port-listed-twice"
    case bondMode = "bond-mode"
    case bondHash = "bond-hash-policy"
    case bondPorts = "bond-ports"
    case bondHosts = "bond-hosts"
    case bondSlaveUsed = "bond-slave-used"
    // Machines.
    case podEmpty = "pod-empty"
    case hostName = "host-name"
    case hostNameCase = "host-name-case"
    case hostTwice = "host-twice"
    case roleUnknown = "role-unknown"
    case roleNetwork = "role-without-network"
    case roleMissing = "role-missing"
    case expansion = "expansion"
    case macTwice = "mac-twice"
    case macNoNIC = "mac-of-no-nic"
    case bmcTwice = "bmc-twice"
    case bmcVersion = "bmc-version"
    case credentialsMissing = "credentials-missing"
    case credentialsLong = "credentials-too-long"
    case credentialsEncrypted = "credentials-encrypted"
    case architecturesMixed = "architectures-mixed"
    case sharedMAC = "pods-share-mac"
    case sharedBMC = "pods-share-bmc"
    // Files.
    case fileUnknown = "file-unknown"
    case fileAlone = "file-alone"
    case filesMixed = "files-mixed"
    case schema = "schema"
    case nodeCount = "node-count"
    case sizeUnknown = "size-of-nobody"
    case nodeUnknown = "node-unknown"
    case inventory = "inventory"
    // What an engine makes of it.
    case misread = "yaml11-misread"
    case firstGeneration = "engine-first-generation"
    case truthText = "engine-truth-text"
    case externalType = "engine-external-type"
    case externalAlias = "engine-external-alias"
    case providerBridge = "engine-provider-bridge"
    case prefixLength = "engine-prefix-length"
    case removed = "engine-removed"
    case shellText = "engine-shell-text"
    case macOfBMC = "engine-mac-of-bmc"
    // What the lab makes of it.
    case rackSplit = "rack-split-network"
    case rackDPDK = "rack-dpdk"
    case rackSRIOV = "rack-sriov"
    case rackBMC = "rack-no-bmc"
    case rackPower = "rack-power-tool"
    case rackArchitecture = "rack-architecture"
    case rackSizes = "rack-sizes"
    case rackName = "rack-pod-name"

    /// What a note comes to when the pod is not only looked at but racked; nil when it stays as it is.
    package var whenRacked: Diagnostic.Severity? {
        switch self {
        case .rackSplit, .rackPower, .rackArchitecture, .rackName: .error
        case .rackDPDK, .rackSRIOV, .rackBMC, .rackSizes: .warning
        default: nil
        }
    }

    /// In a sentence.
    package var summary: String {
        switch self {
        case .addressOutside: "An address lies in the network that it is for."
        case .addressTaken: "An address belongs to one only: node, BMC, gateway or virtual address."
        case .addressElsewhere: "A NIC's address lies in the network that is on the NIC."
        case .networksOverlap: "Networks do not overlap."
        case .rangePairs: "A range is one pair of addresses."
        case .rangeReversed: "A range begins before it ends."
        case .rangeShort: "A range has an address for every host."
        case .rangeNoHost: "No host gets the address of its network or the broadcast address."
        case .rangesOverlap: "Addresses for DHCP, for hosts and for floating are apart."
        case .gatewayMissing: "The network that nodes boot from has a gateway."
        case .vipInRange: "A virtual address is outside of the hosts' range."
        case .vipNetwork: "A virtual address is on a network of the pod."
        case .floatingElsewhere: "Floating addresses are the external network's."
        case .bootUnknown: "The network that nodes boot from is one of the pod."
        case .vlanClash: "Networks on one NIC have different tags."
        case .vlanNumber: "A tag is a number from 1 to 4094, or nothing."
        case .bootTagged: "Nodes boot untagged."
        case .networkTwice: "A network is listed once for a role."
        case .networkSplit: "A network may be on different NICs for different roles."
        case .networkUnaddressed: "A network that is on a NIC has addresses."
        case .networkUnwired: "A network that has addresses is on a NIC."
        case .nicUnknown: "A network is on a NIC, a bond or a bridge that exists."
        case .nicTwice: "A NIC is listed once."
        case .nicUnnamed: "A NIC that carries a network has its MAC in the files."
        case .portTwice: "A port is one NIC."
        case .bondMode: "A bond's mode and settings exist."
        case .bondHash: "A hash policy is for what nodes send: the lab's switch hashes nothing."
        case .bondPorts: "A bond has NICs of its own."
        case .bondHosts: "A bond is on hosts of the pod."
        case .bondSlaveUsed: "A port of a bond carries nothing by itself."
        case .podEmpty: "A pod has a host."
        case .hostName: "A host's name is a DNS label."
        case .hostNameCase: "A host's name is in lower case, as DNS compares it."
        case .hostTwice: "No two hosts have the same name."
        case .roleUnknown: "A role is one that the engine knows."
        case .roleNetwork: "A role has the networks that it needs."
        case .roleMissing: "A host has a role to play, and controllers have ha."
        case .expansion: "Hosts without a controller expand a pod that exists."
        case .macTwice: "A MAC belongs to one NIC."
        case .macNoNIC: "A MAC is one that a NIC can have."
        case .bmcTwice: "A BMC's address is its own."
        case .bmcVersion: "A version of IPMI exists."
        case .credentialsMissing: "A BMC has a user and a password."
        case .credentialsLong: "A user and a password fit in IPMI's fields."
        case .credentialsEncrypted: "A user and a password can be read."
        case .architecturesMixed: "All nodes have one architecture."
        case .sharedMAC: "A MAC belongs to one pod."
        case .sharedBMC: "A BMC belongs to one pod."
        case .fileUnknown: "A file is of a format that describes pods."
        case .fileAlone: "A pod's other half is there."
        case .filesMixed: "A pod's files are of one format."
        case .schema: "A file obeys its format's schema."
        case .nodeCount: "A pod's files count the same nodes."
        case .sizeUnknown: "Sizes are for nodes and roles that exist."
        case .inventory: "A line of an inventory says a group, a host or a variable."
        case .nodeUnknown: "An address is for a node that exists."
        case .misread: "A text is not taken for something else by readers of YAML 1.1."
        case .firstGeneration: "mgmt is the network that Compass4nfv's Gambia release installs from."
        case .truthText: "Yes and no are written as the text that Compass4nfv compares with."
        case .externalType: "The external network is of a type for which Compass4nfv makes one."
        case .externalAlias: "external has a vlan_tag, without which Compass4nfv knows it by its NIC."
        case .providerBridge: "The provider bridge has the name that Compass4nfv's Gambia release expects."
        case .prefixLength: "Networks are /24, the length that Compass4nfv's templates write."
        case .removed: "What the file asks for is still in Compass4nfv's Gambia release."
        case .shellText:
            "Texts that Compass4nfv hands to a shell unquoted have no letters that a shell reads."
        case .macOfBMC: "The MAC that PXE is allowed for is that of the NIC that boots."
        case .rackSplit: "A switch of the lab has one untagged network."
        case .rackDPDK: "The lab has NICs that DPDK's drivers take."
        case .rackSRIOV: "The lab has NICs with virtual functions."
        case .rackBMC: "A node of the lab has a BMC."
        case .rackPower: "The lab speaks the engine's power protocol."
        case .rackArchitecture: "A node of the lab is x86_64."
        case .rackSizes: "A node of the lab is as large as lab.yml says, else small."
        case .rackName: "The lab's name is a DNS label."
        }
    }
}

extension YAMLReader {
    mutating func error(
        _ rule: PodRule,
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil
    ) {
        record(.error, message, at: position, hint: hint, rule: rule.rawValue)
    }

    mutating func warning(
        _ rule: PodRule,
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil
    ) {
        record(.warning, message, at: position, hint: hint, rule: rule.rawValue)
    }

    mutating func note(
        _ rule: PodRule,
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil
    ) {
        record(.note, message, at: position, hint: hint, rule: rule.rawValue)
    }
}
