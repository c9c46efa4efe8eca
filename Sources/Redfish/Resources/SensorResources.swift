import IPMI
import VirtualBMC

// What the chassis' sensors read: those of IPMI (DSP0268, Thermal, Power and Sensor).
enum SensorResources {
    static let all: [String: Resource] = [
        "v1/Chassis/{chassis}/Thermal": Resource(
            type: "Thermal.v1_7_2.Thermal",
            read: { scope in
                let readings = scope.service.readings
                return [
                    "Name": "Thermal",
                    "Temperatures": members(readings, .temperature, scope, "Temperatures") { reading in
                        ["ReadingCelsius": value(reading), "PhysicalContext": .string(context(reading))]
                    },
                    "Fans": members(readings, .fan, scope, "Fans") { reading in
                        ["Reading": reading.value.map { .int(Int($0)) } ?? .null, "ReadingUnits": "RPM"]
                    },
                ]
            }
        ),
        "v1/Chassis/{chassis}/Power": Resource(
            type: "Power.v1_7_2.Power",
            read: { scope in
                let (readings, draw) = (scope.service.readings, scope.service.powerDraw)
                return [
                    "Name": "Power",
                    "PowerControl": [
                        [
                            "@odata.id": .string("\(scope.path)#/PowerControl/0"),
                            "MemberId": "0",
                            "Name": "System Power Control",
                            "PowerConsumedWatts": .double(draw.current),
                            "PowerMetrics": [
                                "IntervalInMin": .int(max(1, Int(draw.period / .seconds(60)))),
                                "MinConsumedWatts": .double(draw.least),
                                "MaxConsumedWatts": .double(draw.most),
                                "AverageConsumedWatts": .double(draw.average),
                            ],
                            "Status": ["State": "Enabled", "Health": "OK"],
                        ]
                    ],
                    "Voltages": members(readings, .voltage, scope, "Voltages") { reading in
                        ["ReadingVolts": value(reading)]
                    },
                    "PowerSupplies": .array(supplies(readings, scope)),
                ]
            }
        ),
        "v1/Chassis/{chassis}/Sensors": .collection("SensorCollection", "Sensor Collection") { scope in
            scope.service.readings.filter { $0.kind != .state }.map(id)
        },
        "v1/Chassis/{chassis}/Sensors/{sensor}": Resource(
            type: "Sensor.v1_9_0.Sensor",
            read: { scope throws(Failure) in
                let found = scope.service.readings.first { $0.kind != .state && id($0) == scope.id("sensor") }
                guard let found else { throw scope.notFound }
                return sensor(found)
            }
        ),
    ]

    /// Its name as a part of a path.
    private static func id(_ reading: SensorReading) -> String {
        String(reading.name.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "_" })
    }

    private static func value(_ reading: SensorReading) -> JSON { reading.value.map(JSON.double) ?? .null }

    private static func status(_ reading: SensorReading) -> JSON {
        let isRead = reading.value != nil || reading.states != nil
        return isRead
            ? ["State": "Enabled", "Health": .string(reading.health.redfish)]
            : ["State": "UnavailableOffline"]
    }

    private static func context(_ reading: SensorReading) -> String {
        let name = reading.name.lowercased()
        if name.contains("cpu") { return "CPU" }
        return name.contains("inlet") || name.contains("ambient") ? "Intake" : "SystemBoard"
    }

    /// The members of an array of the old schemas, with the thresholds that all of them have.
    private static func members(
        _ readings: [SensorReading],
        _ kind: SensorReading.Kind,
        _ scope: Scope,
        _ array: String,
        _ own: (SensorReading) -> JSON.Object
    ) -> JSON {
        .array(
            readings.filter { $0.kind == kind }.enumerated().map { index, reading in
                var member = own(reading)
                member["@odata.id"] = .string("\(scope.path)#/\(array)/\(index)")
                member["MemberId"] = .string("\(index)")
                member["Name"] = .string(reading.name)
                member["SensorNumber"] = .int(Int(reading.number))
                member["Status"] = status(reading)
                for (threshold, limit) in reading.thresholds {
                    let number: JSON = kind == .fan ? .int(Int(limit)) : .double(limit)
                    member[oldName(threshold)] = number
                }
                return .object(member)
            }
        )
    }

    private static func oldName(_ threshold: Threshold) -> String {
        switch threshold {
        case .lowerNonCritical: "LowerThresholdNonCritical"
        case .lowerCritical: "LowerThresholdCritical"
        case .lowerNonRecoverable: "LowerThresholdFatal"
        case .upperNonCritical: "UpperThresholdNonCritical"
        case .upperCritical: "UpperThresholdCritical"
        case .upperNonRecoverable: "UpperThresholdFatal"
        }
    }

    private static func newName(_ threshold: Threshold) -> String {
        switch threshold {
        case .lowerNonCritical: "LowerCaution"
        case .lowerCritical: "LowerCritical"
        case .lowerNonRecoverable: "LowerFatal"
        case .upperNonCritical: "UpperCaution"
        case .upperCritical: "UpperCritical"
        case .upperNonRecoverable: "UpperFatal"
        }
    }

    private static func sensor(_ reading: SensorReading) -> JSON.Object {
        let (type, unit): (String, String) =
            switch reading.kind {
            case .temperature: ("Temperature", "Cel")
            case .fan: ("Rotational", "{rev}/min")
            case .voltage: ("Voltage", "V")
            case .power, .state: ("Power", "W")
            }
        return [
            "Id": .string(id(reading)),
            "Name": .string(reading.name),
            "ReadingType": .string(type),
            "ReadingUnits": .string(unit),
            "Reading": value(reading),
            "Thresholds": .object(
                Dictionary(
                    uniqueKeysWithValues: reading.thresholds.map { threshold, limit in
                        (newName(threshold), ["Reading": .double(limit)])
                    }
                )
            ),
            "Status": status(reading),
        ]
    }

    /// Each supply by its sensor of states, and what it gives by its sensor of watts.
    private static func supplies(_ readings: [SensorReading], _ scope: Scope) -> [JSON] {
        let supplies = readings.filter {
            $0.kind == .state && $0.name.hasPrefix("PS") && $0.name.hasSuffix(" Status")
        }
        return supplies.enumerated().map { index, supply in
            let prefix = supply.name.prefix { $0 != " " } + " "
            let watts = readings.first { $0.kind == .power && $0.name.hasPrefix(prefix) }
            return [
                "@odata.id": .string("\(scope.path)#/PowerSupplies/\(index)"),
                "MemberId": .string("\(index)"),
                "Name": .string(String(prefix.dropLast())),
                "Manufacturer": "vlab",
                "Model": "Virtual power supply",
                "PowerSupplyType": "AC",
                "PowerInputWatts": watts.map(value) ?? .null,
                "Status": status(supply),
            ]
        }
    }
}

extension RedfishService {
    /// The event log with what the sensors would have noted by now, as IPMI shows it.
    var eventLog: [EventLogEntry] {
        bmc.change { bmc, now, machine in
            _ = bmc.readings(at: now, machine: machine)
            return (bmc.eventLog, [])
        }
    }

    var readings: [SensorReading] {
        bmc.change { bmc, now, machine in (bmc.readings(at: now, machine: machine), []) }
    }

    var powerDraw: PowerDraw {
        bmc.change { bmc, now, machine in (bmc.powerDraw(at: now, machine: machine), []) }
    }
}
