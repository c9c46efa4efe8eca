import LabModel
import SystemPackage
import Testing

@testable import Images

@Suite("A recipe")
struct RecipeTests {
    @Test("is read from sections of keys and words")
    func reads() throws {
        let text = """
            # A disk.
            [image]
            kind      disk
            kernel    linux-a | linux-b
            packages  one two
            [ramdisk]
            modules   virtio_blk
            [boot]
            size      18M
            arguments console=ttyS0 quiet
            [root]
            size      14M
            programs  /bin/busybox
            """
        let recipe = try RecipeParser.parse(text, name: "x", folder: "/recipes/x")
        #expect(recipe.kind == .disk)
        #expect(recipe.kernel == ["linux-a", "linux-b"])
        #expect(recipe.packages == ["one", "two"])
        #expect(recipe.ramdisk.modules == ["virtio_blk"])
        #expect(recipe.root.programs == ["/bin/busybox"])
        #expect(recipe.bootSize == .mebibytes(18))
        #expect(recipe.root.size == .mebibytes(14))
        #expect(recipe.arguments == "console=ttyS0 quiet")
    }

    @Test("with mistakes yields all of them at their places")
    func allProblems() throws {
        let text = """
            kind disk
            [image]
            kind disk
              colour blue
            kernel linux
            kernel linux
            [cellar]
            packages one
            [root]
            size 1500K
            """
        let problems = try #require(throws: Diagnostics.self) {
            try RecipeParser.parse(text, name: "x", folder: "/x")
        }
        #expect(
            problems.description == """
                /x/recipe:1:1: error: kind is in no section
                /x/recipe:4:3: error: [image] has no key colour
                /x/recipe:6:1: error: kernel is given twice in [image]
                /x/recipe:7:1: error: unknown section [cellar]; there are [boot] [image] [ramdisk] [root]
                /x/recipe:8:1: error: packages is in no section
                /x/recipe:1:1: error: [image] lacks packages
                /x/recipe:1:1: error: [boot] lacks size
                /x/recipe:10:1: error: 1500K is no size in whole mebibytes up to 4G
                """
        )
    }

    @Test("of this repository is valid", arguments: ["installer", "micro"])
    func repository(name: String) throws {
        #expect(try ImageStore.ofRepository.recipe(name).name == name)
    }

    @Test("that does not exist is named with those that do", arguments: ["nano", "../micro", "", ".git"])
    func unknown(name: String) throws {
        let error = try #require(throws: ImageError.self) { try ImageStore.ofRepository.recipe(name) }
        #expect(error == .unknownImage(name, known: ["installer", "micro"]))
    }
}
