import Foundation
import LabModel
import Testing

@testable import Gateway

@Suite("A registry behind the gateway", .timeLimit(.minutes(4)))
struct RegistryTests {
    /// Writes an image of one layer as an OCI image layout.
    static func image(_ name: String, _ tags: [String], in lab: RunningGateway) async throws -> String {
        let folder = "\(lab.folder.path)/registry/\(name)"
        let script = try await shell(
            """
            set -e
            mkdir -p \(folder)/blobs/sha256 && cd \(folder)
            add() { d=$(sha256sum < $1 | cut -d' ' -f1); s=$(stat -c %s $1); mv $1 blobs/sha256/$d; }
            mkdir root && head -c 300000 /dev/urandom > root/data && tar -cf layer -C root . && rm -r root
            diff=$(sha256sum < layer | cut -d' ' -f1); gzip -n layer; add layer.gz; ld=$d ls=$s
            printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $diff > c
            add c; cd=$d cs=$s
            t=application/vnd.oci.image
            printf '{"schemaVersion":2,"config":{"mediaType":"'$t.config.v1+json'","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"'$t.layer.v1.tar+gzip'","digest":"sha256:%s","size":%s}]}' $cd $cs $ld $ls > m
            add m
            echo '{"imageLayoutVersion":"1.0.0"}' > oci-layout
            printf '{"schemaVersion":2,"manifests":[' > index.json
            comma=
            for tag in \(tags.joined(separator: " ")); do
              printf '%s{"mediaType":"'$t.manifest.v1+json'","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}' "$comma" $d $s $tag >> index.json
              comma=,
            done
            echo ']}' >> index.json
            printf sha256:%s $d
            """
        )
        #expect(script.status == 0, "\(script.errors)")
        return script.text
    }

    private static func copy(_ image: String, in lab: RunningGateway) async throws -> Finished {
        try await shell(
            "skopeo --insecure-policy copy --src-tls-verify=false "
                + "docker://127.0.0.1:\(lab.ports.tcp)/\(image) oci:\(lab.folder.path)/copied:latest"
        )
    }

    @Test("lets skopeo copy an image, whole and unchanged")
    func skopeo() async throws {
        try await RunningGateway.with { lab in
            let digest = try await Self.image("kolla/heka", ["2.0.2", "latest"], in: lab)
            let copied = try await Self.copy("kolla/heka:2.0.2", in: lab)
            #expect(copied.status == 0, "\(copied.errors)")
            let index = String(decoding: try lab.folder.read("copied/index.json"), as: UTF8.self)
            #expect(index.contains(digest))
            let files = try await shell(
                "cd \(lab.folder.path)/copied/blobs/sha256 && for f in *; do echo $f $(sha256sum < $f | cut -d' ' -f1); done"
            )
            let pairs = files.text.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(pairs.count == 3 && pairs.allSatisfy { $0[0] == $0[1] })
            let events = lab.events.named("http.served").filter { $0.details["source"] == "registry" }
            #expect(events.count >= 4)
            #expect(events.contains { $0.details["path"] == "/v2/kolla/heka/manifests/2.0.2" })
        }
    }

    @Test("lacks a tag while a rule says so; skopeo says it in its own words")
    func missingTag() async throws {
        try await RunningGateway.with { lab in
            _ = try await Self.image("kolla/heka", ["2.0.2", "2.0.3"], in: lab)
            try lab.gateway.install(Rule(id: "K2", "registry.missing-tag", ["image": "kolla/*:2.0.2"]))
            let failed = try await Self.copy("kolla/heka:2.0.2", in: lab)
            #expect(failed.status != 0)
            #expect(failed.errors.contains("manifest unknown"), "\(failed.errors)")
            let list = try await shell("curl -sS \(lab.url("/v2/kolla/heka/tags/list"))")
            #expect(list.text == #"{"name":"kolla/heka","tags":["2.0.3"]}"#)
            #expect(try await Self.copy("kolla/heka:2.0.3", in: lab).status == 0)
            let applied = await lab.events.first("fault.applied")
            #expect(applied.details["image"] == "kolla/heka:2.0.2")
            #expect(lab.gateway.remove("K2"))
            #expect(try await Self.copy("kolla/heka:2.0.2", in: lab).status == 0)
            // One that was never pushed.
            #expect(try await Self.copy("kolla/heka:9", in: lab).errors.contains("kolla/heka has no 9"))
        }
    }

    @Test("answers as the specification says: heads, ranges, pages, and errors in JSON")
    func answers() async throws {
        try await RunningGateway.with { lab in
            let digest = try await Self.image("a/b", ["1", "2", "3"], in: lab)
            _ = try await Self.image("c", ["1"], in: lab)
            func curl(_ path: String, _ options: String = "") async throws -> String {
                try await shell("curl -sS -w '%{http_code}' \(options) '\(lab.url(path))'").text
            }
            #expect(try await curl("/v2/") == "{}200")
            #expect(try await curl("/v2/_catalog") == #"{"repositories":["a/b","c"]}200"#)
            let page = try await curl("/v2/a/b/tags/list?n=1&last=1", "-i")
            #expect(page.contains(#""tags":["2"]"#))
            #expect(page.contains("Link: </v2/a/b/tags/list?n=1&last=2>; rel=\"next\"\r\n"))
            let head = try await curl("/v2/a/b/manifests/1", "-I")
            #expect(head.contains("Docker-Content-Digest: \(digest)\r\n"))
            #expect(head.contains("Content-Type: application/vnd.oci.image.manifest.v1+json\r\n"))
            let whole = try await curl("/v2/a/b/blobs/\(digest)")
            #expect(whole.hasPrefix(#"{"schemaVersion":2"#))
            #expect(try await curl("/v2/a/b/manifests/\(digest)") == whole)
            #expect(try await curl("/v2/a/b/blobs/\(digest)", "-r 0-3") == #"{"sc206"#)
            let none = "sha256:" + String(repeating: "0", count: 64)
            for (path, code, status) in [
                ("/v2/none/tags/list", "NAME_UNKNOWN", "404"),
                ("/v2/a/b/manifests/4", "MANIFEST_UNKNOWN", "404"),
                ("/v2/a/b/blobs/\(none)", "BLOB_UNKNOWN", "404"),
                ("/v2/a/b/blobs/md5:0", "DIGEST_INVALID", "400"),
            ] {
                let answer = try await curl(path)
                #expect(answer.hasPrefix(#"{"errors":[{"#) && answer.contains("\"\(code)\""), "\(answer)")
                #expect(answer.hasSuffix(status))
            }
            let push = try await curl("/v2/a/b/blobs/uploads/", "-X POST")
            #expect(push.contains("UNSUPPORTED") && push.hasSuffix("405"))
        }
    }
}
