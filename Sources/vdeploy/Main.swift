import ArgumentParser
import VdeployCommands

@main struct Main {
    static func main() async {
        await Vdeploy.main()
        Console.finish()
    }
}
