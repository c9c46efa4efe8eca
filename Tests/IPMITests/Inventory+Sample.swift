@testable import IPMI

extension Inventory {
    /// A machine with two processors and two NICs, at 2001-09-09 01:46:40 when the test's clock is at 0.
    static var sample: Inventory {
        var inventory = Inventory(guid: Console.guid, name: "ctl01", serial: "S-0001")
        (inventory.processors, inventory.memory, inventory.epoch) = (2, 2048, 1_000_000_000)
        inventory.nics = [
            NIC(name: "eth0", address: [0x52, 0x54, 0, 0, 0, 1]),
            NIC(name: "eth1", address: [0x52, 0x54, 0, 0, 0, 2]),
        ]
        inventory.network.hardwareAddress = [0x52, 0x54, 0, 0, 0xB, 0xC]
        return inventory
    }
}
