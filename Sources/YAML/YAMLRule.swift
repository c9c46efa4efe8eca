/// What is asked of every YAML file, whatever it describes.
package enum YAMLRule: String, CaseIterable, Sendable {
    case unreadable = "yaml-unreadable"
    case empty = "yaml-empty"
    case syntax = "yaml-syntax"
    case keyTwice = "yaml-key-twice"
    case unknownKey = "yaml-unknown-key"
    case missingKey = "yaml-missing-key"
    case wrongType = "yaml-wrong-type"
    case wrongValue = "yaml-wrong-value"

    /// In a sentence.
    package var summary: String {
        switch self {
        case .unreadable: "A file can be read."
        case .empty: "A file says something."
        case .syntax: "A file is YAML, within bounds that no honest file reaches."
        case .keyTwice: "A key stands once in its mapping."
        case .unknownKey: "Only keys that mean something are written."
        case .missingKey: "Keys that are needed are there."
        case .wrongType: "A value is of the kind that its key takes: a text, a number, a list, a mapping."
        case .wrongValue: "A value can be read as what its key takes."
        }
    }
}
