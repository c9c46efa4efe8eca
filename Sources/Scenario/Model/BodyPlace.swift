import LabModel
import YAML

extension BodyPlace {
    static let fields = [
        Form.Field("percent", "the place in the body: 40%, or bytes"),
        Form.Field("bytes", "the place in the body: 4M, or percent"),
    ]

    init?(_ map: YAMLReader.Mapping, _ what: String, _ reader: inout YAMLReader) {
        switch (map["bytes"], map["percent"]) {
        case (let bytes?, nil):
            let size = reader.value(bytes, "bytes", example: "1048576 or 4M") { Memory($0) }
            guard let size, let count = Int(exactly: size.bytes) else { return nil }
            self = .bytes(count)
        case (nil, let percent?):
            let part = reader.value(percent, "percent", example: "40%") { text in
                Double(text.hasSuffix("%") ? String(text.dropLast()) : text).flatMap {
                    (0..<100).contains($0) ? $0 : nil
                }
            }
            guard let part else { return nil }
            self = .percent(part)
        case (nil, nil):
            reader.error(
                "\(what) does not say where in the body",
                at: map.position,
                hint: "add “percent: 40%” or “bytes: 4M”"
            )
            return nil
        case (_, _?):
            reader.error(
                "bytes and percent exclude each other",
                at: map.place(of: "percent"),
                hint: "keep one of them"
            )
            return nil
        }
    }
}
