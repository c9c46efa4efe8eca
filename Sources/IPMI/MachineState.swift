/// What the BMC senses of its machine at a moment.
package struct MachineState: Sendable {
    package var isPowered: Bool
    /// The processor time that it has used since it was racked; asked for only when a sensor is read.
    package var processorTime: @Sendable () -> Duration

    package init(isPowered: Bool, processorTime: @escaping @Sendable () -> Duration = { .zero }) {
        (self.isPowered, self.processorTime) = (isPowered, processorTime)
    }
}
