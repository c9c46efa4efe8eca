/// What the BMC keeps: the event log, and the inventory of its machine (IPMI 2.0 §31 and §34).
///
/// The repository of the sensors' records, which these commands also ask for (§33), is the sensors' own.
struct StorageDevice: Sendable {
    var log: SystemEventLog
    var fru: FRUDevice

    init(_ inventory: Inventory) {
        log = SystemEventLog(epoch: inventory.epoch)
        fru = FRUDevice(inventory)
    }

    mutating func execute(
        _ command: StorageCommand,
        _ data: [UInt8],
        _ context: Context,
        _ sensors: inout SensorDevice
    ) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch command {
            case .getFRUInventoryAreaInfo: .reply(.success, try fru.areaInfo(data))
            case .readFRUData: .reply(.success, try fru.read(data))
            case .writeFRUData: .reply(.success, try fru.write(data))
            case .getSDRRepositoryInfo: try Outcome.answer(data, sensors.repositoryInfo)
            case .getSDRRepositoryAllocationInfo: try Outcome.answer(data, SensorDevice.allocationInfo)
            case .reserveSDRRepository:
                try Outcome.answer(data, sensors.repositoryReservation.take().littleEndianBytes)
            case .getSDR: .reply(.success, try sensors.record(data, sensors.repositoryReservation))
            case .getSELInfo:
                // Whoever asks what happened is told of what happens now, too.
                try Outcome.answer(data, evaluated(context, &sensors).info)
            case .getSELAllocationInfo: try Outcome.answer(data, log.allocationInfo)
            case .reserveSEL: try Outcome.answer(data, log.reserve().littleEndianBytes)
            case .getSELEntry: .reply(.success, try log.get(data))
            case .addSELEntry: .reply(.success, try log.add(data, context.now))
            case .deleteSELEntry: .reply(.success, try log.delete(data, context.now))
            case .clearSEL: try clear(data, context, &sensors)
            case .getSDRRepositoryTime, .getSELTime: try Outcome.answer(data, time(context.now))
            case .setSELTime: try done { () throws(CompletionFailure) in try log.setTime(data, context.now) }
            case .getSELTimeUTCOffset: try Outcome.answer(data, log.clock.offset.littleEndianBytes)
            case .setSELTimeUTCOffset: try done { () throws(CompletionFailure) in try log.setOffset(data) }
            }
        }
    }

    private func done(_ body: () throws(CompletionFailure) -> Void) throws(CompletionFailure) -> Outcome {
        try body()
        return .done
    }

    private mutating func evaluated(_ context: Context, _ sensors: inout SensorDevice) -> SystemEventLog {
        sensors.evaluate(at: context.now, context.machine, &log)
        return log
    }

    private mutating func clear(
        _ data: [UInt8],
        _ context: Context,
        _ sensors: inout SensorDevice
    ) throws(CompletionFailure) -> Outcome {
        if try log.clearing(data) == .begin { clearLog(at: context.now, &sensors) }
        return .reply(.success, [SystemEventLog.Clearing.completed])
    }

    mutating func clearLog(at now: Duration, _ sensors: inout SensorDevice) {
        log.clear(at: now)
        sensors.logWasCleared(at: now, &log)
    }

    private func time(_ now: Duration) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: log.clock.seconds(at: now))
        return bytes
    }
}
