import Clibvirt
import Foundation
import Glibc

/// libvirt's own event loop on a thread of its own: it sleeps in poll(2) until a connection has something to say.
enum EventLoop {
    /// Starts the loop at first use; libvirt wants it registered before the first connection is opened.
    static func start() throws(LibvirtError) { try started.get() }

    private static let started: Result<Void, LibvirtError> = {
        guard virInitialize() == 0 else { return .failure(.last("virInitialize", on: "libvirt")) }
        // Without a function of ours libvirt prints each error to standard error, which is not ours to write to.
        virSetErrorFunc(nil) { _, _ in }
        // libvirt writes to its socket from this loop with write(2): to a libvirtd that has just died that is a
        // SIGPIPE, and the end of the whole process, where the answer EPIPE is enough.
        signal(SIGPIPE, SIG_IGN)
        guard virEventRegisterDefaultImpl() == 0 else {
            return .failure(.last("virEventRegisterDefaultImpl", on: "libvirt's event loop"))
        }
        let thread = Thread {
            // Ends only with the process; an error leaves nothing to wait for, so do not spin on it.
            while virEventRunDefaultImpl() == 0 {}
        }
        thread.name = "libvirt-events"
        thread.stackSize = 512 << 10
        thread.start()
        return .success(())
    }()
}
