/// A request and its answer in words: what of them a person would want to read, raw bytes for what is not known.
struct Wording {
    let request: Request

    init(_ request: Request) { self.request = request }

    /// What was asked for; nil when the command's name says it all.
    var asked: String? {
        guard !request.data.isEmpty else { return nil }
        return Self.asked(request.function, request.code, request.data) ?? Self.hex(request.data)
    }

    /// What a successful answer says; nil when it says nothing.
    func answered(_ data: [UInt8]) -> String? {
        guard !data.isEmpty else { return nil }
        return Self.answered(request.function, request.code, data) ?? Self.hex(data)
    }

    private static func asked(_ function: UInt8, _ code: UInt8, _ data: [UInt8]) -> String? {
        switch function {
        case 0x00: chassisAsked(code, data)
        case 0x04: sensorAsked(code, data)
        case 0x06: applicationAsked(code, data)
        case 0x0A: storageAsked(code, data)
        case 0x0C: transportAsked(code, data)
        default: nil
        }
    }

    private static func answered(_ function: UInt8, _ code: UInt8, _ data: [UInt8]) -> String? {
        switch function {
        case 0x00: chassisAnswered(code, data)
        case 0x04: sensorAnswered(code, data)
        case 0x06: applicationAnswered(code, data)
        case 0x0A: storageAnswered(code, data)
        case 0x0C: transportAnswered(code, data)
        default: nil
        }
    }

    /// As `05 80 04`.
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    static func number16(_ data: [UInt8], _ index: Int) -> Int {
        data.count > index + 1 ? Int(data[index]) | Int(data[index + 1]) << 8 : 0
    }

    /// The name that a table has for a number, else the number.
    static func name(_ number: UInt8, _ names: [UInt8: String]) -> String { names[number] ?? number.hexText }

    static func address(_ data: some Collection<UInt8>) -> String {
        data.prefix(4).map { "\($0)" }.joined(separator: ".")
    }
}
