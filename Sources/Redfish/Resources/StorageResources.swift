import LabModel

// The machine's disks, as old clients look for them and as new ones do (DSP0268, SimpleStorage and Storage).
enum StorageResources {
    static let all: [String: Resource] = [
        "v1/Systems/{system}/SimpleStorage": .collection(
            "SimpleStorageCollection",
            "Simple Storage Collection"
        ) { _ in [controller] },
        "v1/Systems/{system}/SimpleStorage/{storage}": Resource(
            type: "SimpleStorage.v1_3_1.SimpleStorage",
            read: { scope throws(Failure) in
                guard scope.id("storage") == controller else { throw scope.notFound }
                return [
                    "Name": "virtio disks",
                    "Status": enabled,
                    "Devices": .array(
                        disks(scope).map { disk in
                            [
                                "Name": .string(disk.name), "CapacityBytes": .int(disk.bytes),
                                "Manufacturer": "QEMU", "Model": "virtio disk", "Status": enabled,
                            ]
                        }
                    ),
                ]
            }
        ),
        "v1/Systems/{system}/Storage": .collection("StorageCollection", "Storage Collection") { _ in
            [controller]
        },
        "v1/Systems/{system}/Storage/{storage}": Resource(
            type: "Storage.v1_17_0.Storage",
            read: { scope throws(Failure) in
                guard scope.id("storage") == controller else { throw scope.notFound }
                let drives = disks(scope).map { "\(scope.path)/Drives/\($0.name)" }
                return [
                    "Name": "virtio disks", "Status": enabled, "Drives": .links(drives),
                    "Drives@odata.count": .int(drives.count),
                ]
            }
        ),
        "v1/Systems/{system}/Storage/{storage}/Drives/{drive}": Resource(
            type: "Drive.v1_20_0.Drive",
            read: { scope throws(Failure) in
                let disk = disks(scope).first { $0.name == scope.id("drive") }
                guard scope.id("storage") == controller, let disk else { throw scope.notFound }
                return [
                    "Name": .string(disk.name), "CapacityBytes": .int(disk.bytes), "MediaType": "HDD",
                    "Manufacturer": "QEMU", "Model": "virtio disk", "Status": enabled,
                ]
            }
        ),
    ]

    private static let controller = "virtio"
    private static let enabled: JSON = ["State": "Enabled", "Health": "OK"]

    /// The disks, by the names that the guest gives them.
    private static func disks(_ scope: Scope) -> [(name: String, bytes: Int)] {
        scope.service.machine.node.disks.enumerated().map { index, size in
            ("vd" + String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26))), Int(size.bytes))
        }
    }
}
