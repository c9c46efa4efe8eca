import ArgumentParser
import Deployment

/// `vdeploy policies`: those that come with the engine.
struct Policies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the built-in policies, or print one to start from.",
        discussion: """
            Example:
              vdeploy policies default > mine.yml
            """
    )

    @Argument(help: "The policy to print.")
    var name: String?

    func run() async throws {
        if let name {
            guard PolicyReader.builtIn[name] != nil else {
                throw ValidationError("No built-in policy “\(name)”.")
            }
            return print(try PolicyReader.text(of: name), terminator: "")
        }
        for name in PolicyReader.builtIn.keys.sorted() {
            let policy = try PolicyReader.read(try PolicyReader.text(of: name), file: name)
            print("\(name): \(policy.summary)")
        }
    }
}
