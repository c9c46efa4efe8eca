import SystemPackage

/// Why an image could not be built or found.
package enum ImageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No recipe of that name; the names that exist follow.
    case unknownImage(String, known: [String])
    /// The recipe cannot be read as one: every problem, as `file:line:column: error: …`.
    case badRecipe(String)
    /// The host lacks a program.
    case missingProgram(HostProgram)
    /// None of these packages is in the host's apt sources.
    case packageNotFound([String])
    /// A package was found, but not what the recipe wants of it.
    case notInPackages(path: String, image: String)
    /// A program on the host ended with a failure.
    case programFailed(command: String, status: String, output: String)
    case notEnoughSpace(folder: FilePath, needed: UInt64, available: UInt64)
    /// What was to be stored does not fit where the recipe puts it.
    case tooLarge(what: String, bytes: UInt64, room: UInt64)
    /// A download is not what the host's package lists promise.
    case wrongDigest(file: String, expected: String, found: String)
    case fileSystem(action: String, path: FilePath, reason: String)
    case cancelled

    package var description: String {
        switch self {
        case .unknownImage(let name, let known):
            "image \(name): no such recipe; there are: \(known.joined(separator: ", "))"
        case .badRecipe(let problems): problems
        case .missingProgram(let program):
            "\(program.name): not installed; run: apt-get install \(program.aptPackage)"
        case .packageNotFound(let names):
            "package \(names.joined(separator: " or ")): not in this host's apt sources; "
                + "check them with: apt-cache policy \(names.joined(separator: " "))"
        case .notInPackages(let path, let image):
            "image \(image): \(path): in none of the recipe's packages"
        case .programFailed(let command, let status, let output):
            "\(command): failed with \(status): \(output.suffix(2000))"
        case .notEnoughSpace(let folder, let needed, let available):
            "\(folder): not enough disk space: \(needed >> 20) MiB are needed and \(available >> 20) MiB are "
                + "available; free \((needed - min(needed, available)) >> 20) MiB more"
        case .tooLarge(let what, let bytes, let room):
            "\(what): too large: \(bytes) bytes for \(room); give it a larger size in the recipe"
        case .wrongDigest(let file, let expected, let found):
            "\(file): SHA-256 is \(found), the package lists say \(expected); run: apt-get update"
        case .fileSystem(let action, let path, let reason): "\(path): cannot \(action): \(reason)"
        case .cancelled: "building was cancelled"
        }
    }
}
