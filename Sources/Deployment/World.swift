/// Everything outside the engine that a deployment works on.
package struct World: Sendable {
    package var jumpHost: any JumpHost
    package var files: any FileSource
    package var power: any PowerControl
    package var services: any BootServices
    package var shell: any NodeShell
    package var time: any Timekeeper

    package init(
        jumpHost: any JumpHost,
        files: any FileSource,
        power: any PowerControl,
        services: any BootServices,
        shell: any NodeShell,
        time: any Timekeeper
    ) {
        (self.jumpHost, self.files, self.power) = (jumpHost, files, power)
        (self.services, self.shell, self.time) = (services, shell, time)
    }
}
