/// One thing that is asked of a BMC while a node is powered.
package enum PowerStep: String, Sendable, CaseIterable {
    case powerOn = "power-on"
    case powerReset = "power-reset"
    /// Reset when the node runs, else power on.
    case restart
    case bootPXE = "boot-pxe"
    case bootDisk = "boot-disk"

    var choosesDevice: Bool {
        switch self {
        case .bootPXE, .bootDisk: true
        case .powerOn, .powerReset, .restart: false
        }
    }
}
