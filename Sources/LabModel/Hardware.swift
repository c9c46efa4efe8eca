/// A machine as its owner describes it: what stands in the rack, not what the lab makes of it.
package struct Hardware: Hashable, Sendable, Codable {
    /// A disk: what kind, and how large it says it is.
    package struct Disk: Hashable, Sendable, Codable {
        package var name: String
        package var kind: String
        package var capacity: Memory
        package init(name: String, kind: String, capacity: Memory) {
            (self.name, self.kind, self.capacity) = (name, kind, capacity)
        }
    }

    package var isVirtual: Bool
    package var vendor: String
    package var model: String
    /// `x86_64` or `aarch64`.
    package var architecture: String
    package var cpus: Int
    package var coresPerCPU: Int
    package var memory: Memory
    package var disks: [Disk]

    package init(
        isVirtual: Bool,
        vendor: String,
        model: String,
        architecture: String,
        cpus: Int,
        coresPerCPU: Int,
        memory: Memory,
        disks: [Disk] = []
    ) {
        (self.isVirtual, self.vendor, self.model) = (isVirtual, vendor, model)
        (self.architecture, self.cpus, self.coresPerCPU) = (architecture, cpus, coresPerCPU)
        (self.memory, self.disks) = (memory, disks)
    }
}
