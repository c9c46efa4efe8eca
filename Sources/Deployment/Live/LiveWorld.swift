extension World {
    /// The real one, with a work folder for key and files.
    package static func live(work: String) -> World {
        World(
            jumpHost: LinuxJumpHost(),
            files: HTTPFileSource(),
            power: IPMITool(),
            services: LiveBootServices(),
            shell: SSHNodeShell(key: "\(work)/id_ed25519"),
            time: SystemTimekeeper()
        )
    }
}
