import Clibvirt
import Foundation

extension Domain {
    /// Plugs or unplugs a network cable of a running domain; `definition` as at its last power-on.
    package func setLink(ofNIC index: Int, up: Bool, in definition: DomainDefinition) throws(LibvirtError) {
        var changed = definition
        changed.nics[index].linkUp = up
        let xml = changed.interface(index).render()
        try handle(for: "virDomainUpdateDeviceFlags").call("virDomainUpdateDeviceFlags") {
            virDomainUpdateDeviceFlags($0, xml, VIR_DOMAIN_AFFECT_LIVE.rawValue)
        }
    }

    /// Changes what a running domain boots from at its next reset, whoever resets it; its definition stays.
    ///
    /// libvirt has no call for it, QEMU does: a device's `bootindex` may be set at any time, and the list that the
    /// firmware reads is made anew at each reset of the machine.
    package func setBootOrder(_ order: [BootTarget]) throws(LibvirtError) {
        let handle = try handle(for: "virDomainQemuMonitorCommand")
        let children: [QMP.Child] = try QMP.ask(
            handle,
            "qom-list",
            QMP.Path(path: "/machine/peripheral")
        )
        let bootable = children.map(\.name).filter { $0.hasPrefix("ua-nic") || $0.hasPrefix("ua-disk") }
        // First none, then the new ones: QEMU refuses an index that another device still has.
        for alias in bootable { try setBootIndex(-1, of: alias, on: handle) }
        for (index, target) in order.enumerated() {
            try setBootIndex(index + 1, of: target.alias, on: handle)
        }
    }

    private func setBootIndex(_ index: Int, of alias: String, on handle: borrowing DomainHandle)
        throws(LibvirtError)
    {
        let _: QMP.Nothing = try QMP.ask(
            handle,
            "qom-set",
            QMP.Property(path: "/machine/peripheral/\(alias)", property: "bootindex", value: index)
        )
    }

    /// Presses keys together and lets go of them; the codes are Linux's, `KEY_ENTER` is 28.
    package func sendKeys(_ codes: [UInt32], holding time: Duration = .milliseconds(50)) throws(LibvirtError) {
        var codes = codes
        let milliseconds = UInt32(time / .milliseconds(1))
        try handle(for: "virDomainSendKey").call("virDomainSendKey") {
            virDomainSendKey(
                $0,
                VIR_KEYCODE_SET_LINUX.rawValue,
                milliseconds,
                &codes,
                Int32(codes.count),
                0
            )
        }
    }
}
