import ArgumentParser
import VlabCommands

@main struct Main {
    static func main() async {
        await Vlab.main()
        WrittenOutput.finish()
    }
}
