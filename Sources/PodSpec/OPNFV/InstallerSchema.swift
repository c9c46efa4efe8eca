/// The schema of OPNFV's installer descriptor file (IDF), version 0.1.
extension Schema {
    static let installer = object([
        required("idf", body),
        // Not modelled by its owners.
        optional("xci", openObject),
    ])

    static let installers = ["apex", "compass4nfv", "daisy", "fuel", "joid", "osa", "kubespray"]

    private static let body = object([
        required("version", numbers([0.1])),
        optional("version_0.1", flag),
        optional("installer", list(choice(installers))),
        // Not modelled by its owners; what it means is read all the same.
        optional("net_config", openObject),
        optional("compass", openObject),
        optional("daisy", openObject),
        optional("fuel", fuel),
        optional("osa", orNull(osa)),
        optional("kubespray", orNull(openObject)),
    ])

    private static let osa = object([
        required("nodes_roles", openObject),
        required("groups", openObject),
        required("hostnames", openObject),
        required("network", openObject),
    ])

    private static let fuel = object([
        required(
            "jumphost",
            object([
                required(
                    "bridges",
                    object(["admin", "mgmt", "private", "public"].map { required($0, orNull(text)) })
                ),
                optional("trunks", object([required("mgmt", flag)])),
            ])
        ),
        optional(
            "maas",
            object([required("timeout_comissioning", number), required("timeout_deploying", number)])
        ),
        required(
            "network",
            object([
                optional("interface_mtu", number),
                optional("ntp_strata_host1", text),
                optional("ntp_strata_host2", text),
                required(
                    "node",
                    list(
                        object([
                            required("interfaces", list(orNull(text))),
                            required("busaddr", list(orNull(text))),
                        ])
                    )
                ),
            ])
        ),
        optional(
            "reclass",
            object([required("node", list(object([required("compute_params", computeParameters)])))])
        ),
    ])

    private static let computeParameters = object([
        optional("common", object(commonParameters(isRequired: true))),
        optional(
            "dpdk",
            object(
                commonParameters(isRequired: false) + [
                    required("compute_dpdk_driver", text),
                    required("compute_ovs_dpdk_socket_mem", textOrNumber),
                    required("compute_ovs_dpdk_lcore_mask", textOrNumber),
                    required("dpdk0_driver", text),
                    required("dpdk0_n_rxq", number),
                ]
            )
        ),
    ])

    private static func commonParameters(isRequired: Bool) -> [Field] {
        [
            optional("nova_cpu_pinning", text),
            Field(
                name: "compute_hugepages_size",
                schema: choice(["2M", "1G"]),
                isRequired: isRequired
            ),
            Field(name: "compute_hugepages_count", schema: number, isRequired: isRequired),
            Field(name: "compute_hugepages_mount", schema: text, isRequired: isRequired),
            optional("compute_kernel_isolcpu", text),
            optional("compute_ovs_pmd_cpu_mask", textOrNumber),
            optional("compute_ovs_memory_channels", textOrNumber),
        ]
    }
}
