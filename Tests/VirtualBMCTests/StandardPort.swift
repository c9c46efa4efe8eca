/// For programs that can reach a BMC at port 623 alone, which a plain user cannot listen at: a network of their own,
/// in which 127.0.0.1:623 leads to a BMC outside.
enum StandardPort {
    /// The socket to the BMC is made outside, and inherited.
    private static let outside = """
        import os, socket, sys
        outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        outside.connect(("127.0.0.1", int(sys.argv[1])))
        outside.set_inheritable(True)
        os.execvp("unshare", ["unshare", "-Urn", "python3", "-c", sys.argv[2], str(outside.fileno())] + sys.argv[3:])
        """

    private static let inside = """
        import fcntl, socket, struct, subprocess, sys, threading
        outside = socket.socket(fileno=int(sys.argv[1]))
        up_and_running = struct.pack("16sh14x", b"lo", 0x41)
        fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, up_and_running)  # SIOCSIFFLAGS
        last = [None]
        def out(port):
            # SOL may be at the BMC's own port: it says so when it is activated.
            inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            inside.bind(("127.0.0.1", port))
            while True:
                bytes, program = inside.recvfrom(65536)
                last[0] = (inside, program)
                outside.send(bytes)
        def back():
            while True:
                bytes = outside.recv(65536)
                inside, program = last[0]
                inside.sendto(bytes, program)
        for way in (lambda: out(623), lambda: out(outside.getpeername()[1]), back):
            threading.Thread(target=way, daemon=True).start()
        sys.exit(subprocess.call(sys.argv[2:]))
        """

    /// The command that runs such a program.
    static func command(_ port: Int, _ program: [String]) -> [String] {
        ["python3", "-c", outside, String(port), inside] + program
    }
}
