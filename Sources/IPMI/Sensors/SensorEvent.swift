/// What a sensor tells, as in an event message and in an event record (IPMI 2.0 §29.7 and §32.1).
struct SensorEvent: Sendable, Hashable {
    var sensorType: UInt8
    var sensor: UInt8
    /// What kind of events the offset counts (IPMI 2.0 §42.1).
    var eventType: UInt8
    /// False when a state has ended.
    var isAssertion = true
    /// The offset with what the other two mean, and these two (IPMI 2.0 §29.7).
    var data: [UInt8]

    /// A value crossed a threshold (IPMI 2.0 §42.1).
    static let threshold: UInt8 = 0x01
    /// The sensor's type says what its offsets mean (IPMI 2.0 §42.1).
    static let specific: UInt8 = 0x6F
    /// «Unspecified» (IPMI 2.0 §29.7).
    static let unspecified: UInt8 = 0xFF

    var offset: UInt8 { data[0] & 0x0F }

    /// From format and sensor type on, with the revision that IPMI 1.5 and 2.0 have (IPMI 2.0 §29.3).
    var message: [UInt8] {
        [Self.revision, sensorType, sensor, (isAssertion ? 0x00 : 0x80) | eventType] + data
    }
    static let revision: UInt8 = 0x04

    init(sensorType: UInt8, sensor: UInt8, eventType: UInt8, isAssertion: Bool = true, data: [UInt8]) {
        (self.sensorType, self.sensor, self.eventType) = (sensorType, sensor, eventType)
        (self.isAssertion, self.data) = (isAssertion, data)
    }

    /// Nil unless these are the seven bytes of an event message.
    init?(_ message: [UInt8]) {
        guard message.count == 7, message[0] == Self.revision || message[0] == 0x03 else { return nil }
        self.init(
            sensorType: message[1],
            sensor: message[2],
            eventType: message[3] & 0x7F,
            isAssertion: message[3] & 0x80 == 0,
            data: Array(message[4...])
        )
    }
}
