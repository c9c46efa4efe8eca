/// The drive of a machine that images are put into: what virtual media needs from whoever runs the machine.
package protocol MediaDrive: Sendable {
    /// Puts the image at that path into the drive, in place of what is in it; returns when the guest can see it.
    func insert(_ image: String) async throws
    /// Takes out what is in it; nothing is in it then is well too.
    func eject() async throws
}
