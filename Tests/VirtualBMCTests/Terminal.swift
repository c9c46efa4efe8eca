import Foundation

/// A terminal at which somebody waits for words and answers them.
///
///     try await bmc.terminal("ipmitool … sol activate", [.init("operational", "root\r"), .init("root", "~.")])
struct Conversation {
    /// Once the program has said `awaited` (since the last answer), `answer` is typed.
    struct Step: Codable {
        var awaited: String
        var answer: String
        init(_ awaited: String, _ answer: String) { (self.awaited, self.answer) = (awaited, answer) }
    }

    /// Runs a program in a pseudo-terminal; exits 97 when it is silent about what is awaited.
    private static let script = """
        import json, os, pty, select, signal, sys, time
        steps, command = json.loads(sys.argv[1]), sys.argv[2:]
        pid, terminal = pty.fork()
        if pid == 0: os.execvp(command[0], command)
        heard, limit = "", time.monotonic() + 40
        while True:
            while steps and steps[0]["awaited"] in heard:
                heard = heard.split(steps[0]["awaited"], 1)[1]
                # A person's fingers: a program may look for its escape at the begin of what it reads.
                for key in steps.pop(0)["answer"]:
                    os.write(terminal, key.encode())
                    time.sleep(0.02)
            if time.monotonic() > limit:
                os.kill(pid, signal.SIGKILL)
                print("\\nnever heard: " + json.dumps(steps))
                sys.exit(97)
            if not select.select([terminal], [], [], 0.5)[0]: continue
            try: bytes = os.read(terminal, 4096)
            except OSError: bytes = b""
            if not bytes: break
            sys.stdout.buffer.write(bytes)
            sys.stdout.flush()
            heard += bytes.decode("utf-8", "replace")
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sys.exit(98 if steps else status)
        """

    /// The arguments of `python3` that have the conversation with a program.
    static func arguments(_ command: [String], _ steps: [Step]) throws -> [String] {
        let text = String(decoding: try JSONEncoder().encode(steps), as: UTF8.self)
        return ["-c", script, text] + command
    }
}
