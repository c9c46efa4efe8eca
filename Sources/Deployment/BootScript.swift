import LabModel

/// What iPXE runs on a node.
package enum BootScript {
    /// For a node that says nothing but its MAC: leads to the script of its own.
    package static func chain(server: String) -> String {
        """
        #!ipxe
        :again
        chain --replace \(server)/boot/${netX/mac} ||
        echo vdeploy does not answer
        sleep 2
        goto again

        """
    }

    /// Kernel and ramdisk of the installer, which learns the rest from its configuration.
    package static func installer(node: String, mac: MACAddress, server: String) -> String {
        let dashed = mac.description.split(separator: ":").joined(separator: "-")
        // no_timer_check: an emulated clock on a busy host ticks too late for the kernel's check of it, which panics.
        let options = [
            "console=ttyS0", "net.ifnames=0", "biosdevname=0", "no_timer_check", "BOOTIF=01-\(dashed)",
            "installer.config=\(server)/install/\(mac)", "initrd=initrd.img",
        ]
        return """
            #!ipxe
            echo vdeploy installs \(node)
            kernel \(server)/boot/\(mac)/vmlinuz \(options.joined(separator: " ")) || goto failed
            initrd \(server)/boot/\(mac)/initrd.img || goto failed
            boot || goto failed
            :failed
            imgfree
            echo Cannot load the installer
            sleep 2
            chain --replace \(server)/boot/\(mac)

            """
    }

    /// For a node that is installed.
    package static func disk(node: String) -> String {
        """
        #!ipxe
        echo vdeploy boots \(node) from its disk
        sanboot --no-describe --drive 0x80 || exit

        """
    }
}
