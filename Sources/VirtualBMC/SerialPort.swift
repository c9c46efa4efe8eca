/// The serial port of the machine behind a BMC.
package protocol SerialPort: Sendable {
    /// What the machine prints from now on, after the last `history` lines of what it has printed so far; until the
    /// reader stops.
    func output(history: Int) -> AsyncStream<[UInt8]>

    /// Types at the machine.
    func send(_ bytes: [UInt8]) async throws

    /// Holds the line in its break state for a moment, which a guest may take for a wish of its own (magic SysRq).
    func sendBreak() async throws
}
