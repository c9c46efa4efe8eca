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

    /// Changes what is in the CD drive of a running domain, whether its guest has locked the tray or not; nil empties it.
    package func setImage(_ image: String?) throws(LibvirtError) {
        let flags = VIR_DOMAIN_AFFECT_LIVE.rawValue | VIR_DOMAIN_DEVICE_MODIFY_FORCE.rawValue
        let xml = DomainDefinition.driveElement(DomainDefinition.Drive(image: image)).render()
        try handle(for: "virDomainUpdateDeviceFlags").call("virDomainUpdateDeviceFlags") {
            virDomainUpdateDeviceFlags($0, xml, flags)
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
        let bootable = children.map(\.name).filter { name in
            ["ua-nic", "ua-disk", "ua-drive"].contains { name.hasPrefix($0) }
        }
        // First none, then the new ones: QEMU refuses an index that another device still has.
        for alias in bootable { try setBootIndex(-1, of: alias, on: handle) }
        for (index, target) in order.enumerated() {
            try setBootIndex(index + 1, of: target.alias, on: handle)
        }
    }

    /// Holds the line of the serial port of a running domain in its break state for a moment.
    ///
    /// libvirt has no call for it, QEMU does.
    package func sendBreak() throws(LibvirtError) {
        let handle = try handle(for: "virDomainQemuMonitorCommand")
        let _: QMP.Nothing = try QMP.ask(handle, "chardev-send-break", QMP.Chardev(id: "charserial0"))
    }

    private func setBootIndex(
        _ index: Int,
        of alias: String,
        on handle: borrowing DomainHandle
    )
        throws(LibvirtError)
    {
        let _: QMP.Nothing = try QMP.ask(
            handle,
            "qom-set",
            QMP.Property(path: "/machine/peripheral/\(alias)", property: "bootindex", value: index)
        )
    }

    /// Presses keys together and lets go of them; the codes are Linux's, `KEY_ENTER` is 28.
    package func sendKeys(_ codes: [UInt32], holding time: Duration = .milliseconds(50)) throws(LibvirtError)
    {
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

    /// What the guest's screen shows.
    package func screenshot() throws(LibvirtError) -> Screenshot {
        let handle = try handle(for: "virDomainScreenshot")
        let stream = try Stream(for: "the screen of \(handle.subject)", on: connection(for: "virStreamNew"))
        guard let type = virDomainScreenshot(handle.pointer, stream.pointer, 0, 0) else {
            throw .last("virDomainScreenshot", on: handle.subject)
        }
        defer { free(type) }
        return try Screenshot(mediaType: String(cString: type), bytes: stream.readAll())
    }
}

/// A picture of a guest's screen, in the format that QEMU and libvirt agreed on: PNG, or PPM from older ones.
package struct Screenshot: Hashable, Sendable {
    package var mediaType: String
    package var bytes: [UInt8]
}

/// The one owner of a `virStreamPtr` that is read to its end.
private struct Stream: ~Copyable {
    let pointer: virStreamPtr
    private let subject: String

    init(for subject: String, on connection: Connection) throws(LibvirtError) {
        guard let pointer = virStreamNew(connection.pointer, 0) else {
            throw .last("virStreamNew", on: subject)
        }
        (self.pointer, self.subject) = (pointer, subject)
    }

    deinit { virStreamFree(pointer) }

    borrowing func readAll() throws(LibvirtError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        while true {
            let count = virStreamRecv(pointer, &buffer, buffer.count)
            if count == 0 { break }
            guard count > 0 else {
                let error = LibvirtError.last("virStreamRecv", on: subject)
                virStreamAbort(pointer)
                throw error
            }
            bytes += buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
        }
        guard virStreamFinish(pointer) == 0 else { throw .last("virStreamFinish", on: subject) }
        return bytes
    }
}
