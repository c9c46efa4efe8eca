import ArgumentParser
import Certificates
import Lab

struct Authority: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the certificate that clients need to trust what the labs' gateways and BMCs show.",
        discussion: """
            All labs of a user have one authority; it is made here if there is none yet. Images are built to trust it,
            and in a lab http://vlab.test/ca.crt is the same file.
            Examples:
              vlab authority > /usr/local/share/ca-certificates/vlab.crt
              curl --cacert $(vlab authority --path) https://192.168.20.203/redfish/v1
            """
    )
    @Flag(help: "The file's path instead.") var path = false

    func run() async throws {
        let folder = AuthorityFolder(path: StateFolders().authority)
        let authority = try folder.authority()
        print(path ? folder.certificate + "\n" : authority.certificate, terminator: "")
    }
}
