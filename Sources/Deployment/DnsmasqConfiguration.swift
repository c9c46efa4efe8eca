import LabModel

/// The configuration of the DHCP server and DNS forwarder on the install network.
package struct DnsmasqConfiguration: Hashable, Sendable {
    package struct Host: Hashable, Sendable {
        package var name: String
        package var mac: MACAddress
        /// What it gets while it boots and is installed.
        package var lease: IPv4Address
        /// What it is called under once it is installed.
        package var address: IPv4Address
    }

    package var interface: String
    package var gateway: IPv4Address
    package var network: IPv4Network
    package var range: IPv4Range
    package var bootURL: String
    package var folder: String
    package var hosts: [Host]

    /// A lease belongs to a MAC, because the client id changes between iPXE, installer and system; MACs that are
    /// not listed get no answer.
    ///
    /// Option 175.176 tells iPXE not to wait for the offers of a proxy.
    package var text: String {
        """
        # Written by vdeploy for one deployment.
        interface=\(interface)
        except-interface=lo
        bind-interfaces
        user=root
        group=root
        pid-file=\(folder)/dnsmasq.pid
        dhcp-leasefile=\(folder)/dnsmasq.leases
        log-facility=\(folder)/dnsmasq.log
        log-dhcp
        no-hosts
        resolv-file=/etc/resolv.conf
        dhcp-authoritative
        dhcp-range=\(range.first),\(range.last),\(network.netmask),1h
        dhcp-option=option:router,\(gateway)
        dhcp-option=option:dns-server,\(gateway)
        dhcp-ignore=tag:!known
        dhcp-match=set:ipxe,175
        dhcp-option-force=tag:ipxe,encap:175,176,1b
        dhcp-boot=tag:ipxe,\(bootURL)

        """
            + hosts.map { "dhcp-host=\($0.mac),\($0.lease),\($0.name),1h\n" }.joined()
            + hosts.map { "host-record=\($0.name),\($0.address)\n" }.joined()
    }
}
