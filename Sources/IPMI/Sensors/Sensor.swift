/// One sensor: what it senses, how its records describe it, and how it is set at present.
struct Sensor: Sendable {
    let number: UInt8
    let name: String
    let source: Source
    let entity: Entity
    /// What its values are; nil for one that knows states alone.
    let scale: AnalogScale?
    /// A reading that is nothing special, and the least and most that are.
    let usual: (nominal: UInt8, least: UInt8, most: UInt8)
    /// The states that it can be in, by offset (IPMI 2.0 §42.2, Table 42-3).
    let states: UInt16

    var thresholds: Thresholds
    var hysteresis: (positive: UInt8, negative: UInt8)
    var sendsEvents = true
    var isScanning = true
    /// The events, by offset, that it tells of.
    var assertionEvents: UInt16
    var deassertionEvents: UInt16
    /// The limits that are crossed, or the states that it is in, as they were told.
    var asserted: UInt16 = 0
    /// What it reads instead of what is so.
    var forced: ForcedReading?

    /// What it senses.
    enum Source: Sendable, Hashable {
        case inlet, board, power
        case processor(Int), fan(Int), supplyInput(Int)
        case rail(Double)
        case powerUnit, acpiState, watchdog, eventLog, systemEvent, boot
        case supply(Int), link(Int)
    }

    /// What it belongs to (IPMI 2.0 §43.14).
    struct Entity: Sendable, Hashable {
        var id: UInt8
        var instance: UInt8 = 1
        init(_ id: UInt8, _ instance: Int = 1) { (self.id, self.instance) = (id, UInt8(instance)) }

        static let processor: UInt8 = 0x03
        static let systemBoard: UInt8 = 0x07
        static let powerSupply: UInt8 = 0x0A
        static let addInCard: UInt8 = 0x0B
        static let powerManagement: UInt8 = 0x15
        static let fan: UInt8 = 0x1D
        static let operatingSystem: UInt8 = 0x23
        static let managementFirmware: UInt8 = 0x2E
        static let airInlet: UInt8 = 0x37
    }

    /// A sensor of a value.
    init(
        _ number: UInt8,
        _ name: String,
        _ source: Source,
        _ entity: Entity,
        _ scale: AnalogScale,
        usual: (nominal: Double, least: Double, most: Double),
        limits: [Threshold: Double]
    ) {
        (self.number, self.name, self.source, self.entity, self.scale) = (number, name, source, entity, scale)
        self.usual = (scale.reading(usual.nominal), scale.reading(usual.least), scale.reading(usual.most))
        states = 0
        thresholds = Thresholds(limits.mapValues { scale.reading($0) })
        hysteresis = (2, 2)
        let events = limits.keys.reduce(UInt16(0)) { $0 | 1 << UInt16($1.offset) }
        (assertionEvents, deassertionEvents) = (events, events)
    }

    /// A sensor of states.
    init(
        _ number: UInt8,
        _ name: String,
        _ source: Source,
        _ entity: Entity,
        states: UInt16,
        atFirst: UInt16 = 0
    ) {
        (self.number, self.name, self.source, self.entity) = (number, name, source, entity)
        (scale, usual) = (nil, (0, 0, 0))
        self.states = states
        (thresholds, hysteresis) = (Thresholds([:]), (0, 0))
        // Events that say nothing new are off at first: of ACPI's states, and of most states' ends.
        assertionEvents = source == .acpiState ? 0 : states
        deassertionEvents = source == .powerUnit || entity.id == Entity.powerSupply ? states : 0
        asserted = atFirst
    }

    static let systemEventType: UInt8 = 0x12

    /// The sensor's type (IPMI 2.0 §42.2, Table 42-3).
    var type: UInt8 {
        switch source {
        case .inlet, .board, .processor: 0x01
        case .rail: 0x02
        case .fan: 0x04
        case .supply: 0x08
        case .powerUnit: 0x09
        case .power, .supplyInput: 0x0B
        case .eventLog: 0x10
        case .systemEvent: Self.systemEventType
        case .boot: 0x1D
        case .acpiState: 0x22
        case .watchdog: 0x23
        case .link: 0x27
        }
    }

    var eventType: UInt8 { scale == nil ? SensorEvent.specific : SensorEvent.threshold }

    /// Every event that it knows.
    var knownEvents: UInt16 {
        guard scale != nil else { return states }
        return Threshold.allCases.reduce(0) { known, limit in
            thresholds[limit] == nil ? known : known | 1 << UInt16(limit.offset)
        }
    }
}

/// What a sensor is made to read, whatever is so.
package enum ForcedReading: Hashable, Sendable {
    /// In the sensor's unit.
    case value(Double)
    /// A bit for each state that a sensor of states is in.
    case states(UInt16)
    /// The sensor cannot be read.
    case unavailable
}
