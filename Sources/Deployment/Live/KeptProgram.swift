/// A program that never outlives the engine that runs it, however the engine ends.
enum KeptProgram {
    /// Waits for the end of its input, which is the end of the engine, also by `kill -9`; its own end by force takes
    /// the program along, too. (The parent of a process is a thread to the kernel, and the engine's threads come and go.)
    static let script = """
        exec 3<&0
        setpriv --pdeathsig KILL -- "$@" 3<&- </dev/null &
        child=$!
        { cat <&3; kill "$child"; } >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait "$child"
        status=$?
        kill "$watcher" 2>/dev/null
        exit $status
        """
}
