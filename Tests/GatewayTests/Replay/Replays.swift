import DownloadCache
import Foundation
import LabModel
import NIOSSL
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// What the programs of `RealClients` download of a server outside, and get again when it is gone.
@Suite("Replays", .enabled(if: PrivateNetwork.isHere), .serialized)
struct Replays {
    /// What apt says has an order and speeds that differ; what it has got has not.
    private static func quiet(_ repository: AptRepository) -> String {
        "(\(repository.install)) >said\ncat apt/lists/*_* | sha256sum"
    }

    @Test("apt updates and installs")
    func apt() async throws {
        try await ReplayLab.with { lab in
            try await lab.clients.prepare(AptRepository.make(in: lab.origin.files))
            var repository = AptRepository("http://deb.example.org", lab.clients)
            repository.components = "main contrib"
            repository.packages = "vlab-hello vlab-extra"
            try await lab.expectReplay(of: Self.quiet(repository))
            repository.packages = "vlab-world"
            let lacking = try await lab.clients.run(repository.install)
            #expect(
                lacking.status != 0 && lacking.errors.contains("504  Gateway Timeout"),
                "\(lacking.errors)"
            )
        }
    }

    @Test("apt never gets a mixture of two states of a mirror")
    func aptStates() async throws {
        try await ReplayLab.with { lab in
            func version() async throws -> String {
                try await lab.clients.prepare("cat root/var/lib/dpkg/status | grep -m1 Version")
            }
            try await lab.clients.prepare(AptRepository.make(in: lab.origin.files))
            var repository = AptRepository("http://deb.example.org", lab.clients)
            repository.packages = "vlab-hello"
            try await lab.clients.prepare(repository.install)
            #expect(try await version() == "Version: 1.1\n")
            // The mirror moves on; what was recorded of the first state is still good.
            try await lab.clients.prepare("mv packages first")
            try await lab.clients.prepare(AptRepository.make(state: 2, in: lab.origin.files))
            try await lab.clients.prepare("mv packages second; mv first packages")
            try await lab.clients.prepare(repository.install)
            #expect(try await version() == "Version: 1.1\n")
            // What was not recorded of it cannot be had any more: that is said, and the next update begins anew.
            repository.components = "main contrib"
            let mixed = try await lab.clients.run(repository.begin + repository.update)
            #expect(mixed.status != 0, "\(mixed.text)")
            #expect(mixed.errors.contains("502  Bad Gateway"), "\(mixed.errors)")
            try await lab.clients.prepare("mv packages first; mv second packages")
            repository.packages = "vlab-hello vlab-extra"
            try await lab.expectReplay(of: Self.quiet(repository))
            #expect(try await version() == "Version: 1.2\n")
        }
    }

    @Test("git clones over smart HTTP, with questions that are compressed or come in chunks")
    func git() async throws {
        try await ReplayLab.with { lab in
            try await lab.clients.prepare(
                """
                git init -q -b main work
                head -c 300000 /dev/urandom >work/data
                git -C work add data
                git -C work -c user.name=t -c user.email=t@example.org commit -q -m first
                i=0
                while [ $((i += 1)) -le 1500 ]; do
                    printf 'commit refs/tags/t%d\\ncommitter t <t@example.org> %d +0000\\ndata 2\\nt\\n\\n' $i $((1700000000 + i))
                done | git -C work fast-import --quiet
                git clone -q --mirror work '\(lab.origin.files)/r.git'
                """
            )
            func clone(_ name: String, _ options: String = "") -> String {
                "git clone -q \(options) http://git.example.org/r.git \(name)\n"
                    + "cmp work/data \(name)/data; git -C \(name) tag | wc -l; git -C \(name) rev-parse HEAD\n"
            }
            let all = """
                rm -rf plain chunked old
                \(clone("plain"))
                \(clone("chunked", "-c http.postBuffer=65536"))
                \(clone("old", "-c protocol.version=0"))
                """
            // Each kind is understood by the server without a record, too.
            lab.gateway.gateway.uplinkMode = .direct
            try await lab.clients.prepare(all)
            let asked = try lab.origin.asked.filter { $0.hasPrefix("POST") }
            #expect(asked.contains { $0.contains(" gzip - ") } && asked.contains { $0.contains(" chunked ") })
            lab.gateway.gateway.uplinkMode = .record
            try await lab.expectReplay(of: all)
        }
    }

    @Test("git's dumb clients, wget and curl get whole files and parts, whatever was asked for first")
    func files() async throws {
        try await ReplayLab.with { lab in
            try await lab.clients.prepare(
                """
                head -c 3000000 /dev/urandom >'\(lab.origin.files)/f'
                cp '\(lab.origin.files)/f' f
                git init -q -b main work; cp f work
                git -C work add f; git -C work -c user.name=t -c user.email=t@example.org commit -q -m first
                mkdir '\(lab.origin.files)/dumb'; git clone -q --bare work '\(lab.origin.files)/dumb/r'
                git -C '\(lab.origin.files)/dumb/r' update-server-info
                """
            )
            let url = "http://files.example.org/f"
            // A part is the first thing that anybody wants; wget and curl have half of the rest.
            let part = """
                curl -sS -r 1000000-1999999 -o part \(url)
                head -c 2000000 f | tail -c 1000000 | cmp - part

                """
            try await lab.clients.prepare(part)
            // Another client that comes before it is kept would have one of his own.
            try await eventually("it is kept", within: .seconds(60)) {
                try lab.care.list([]).contains { $0.url.hasSuffix("/f") } ? true : nil
            }
            try await lab.expectReplay(
                of: """
                    rm -rf part half clone
                    \(part)
                    head -c 1500000 f >half; curl -sS -C - -o half \(url); cmp f half
                    head -c 1500000 f >half; wget -q -c -O half \(url); cmp f half
                    busybox wget -q -O half \(url); cmp f half
                    curl -sS -I \(url) | grep -i content-length
                    git clone -q http://files.example.org/dumb/r clone; cmp f clone/f
                    """
            )
            let asked = try lab.origin.asked.filter { $0.contains(" /f ") }
            #expect(asked == ["GET /f 200 - - -"])
        }
    }

    @Test("pip downloads from an index as pages and as JSON, over HTTPS")
    func pip() async throws {
        try await ReplayLab.with { lab in
            try await lab.clients.prepare(
                """
                cat >make.py <<'END'
                \(RealClients.PipTests.wheelMaker)
                for folder in 'pages', 'both':
                    os.makedirs(f'{served}/{folder}/vlab-hello')
                    with open(f'{served}/{folder}/vlab-hello/index.html', 'w') as page:
                        page.write(f'<!DOCTYPE html><html><body><a href="/{name}#sha256={digest}">{name}</a></body></html>')
                with open(f'{served}/both/vlab-hello/index.json', 'w') as page:
                    json.dump({'meta': {'api-version': '1.0'}, 'name': 'vlab-hello',
                        'files': [{'filename': name, 'url': f'/{name}', 'hashes': {'sha256': digest}}]}, page)
                END
                python3 make.py '\(lab.origin.files)'
                cp '\(lab.origin.files)'/*.whl .
                """
            )
            func download(_ index: String) -> String {
                """
                rm -rf got
                PIP_CONFIG_FILE=/dev/null PIP_CERT='\(lab.clients.authority)' python3 -m pip -q download \\
                    --disable-pip-version-check --no-cache-dir --no-deps --retries 0 --timeout 5 \\
                    -i https://pypi.example.org/\(index) -d got vlab-hello
                cmp got/*.whl *.whl

                """
            }
            try await lab.expectReplay(of: download("pages") + download("both"))
            let kinds = lab.gateway.events.named("http.served").filter {
                $0.details["path"] == "/both/vlab-hello/"
            }
            #expect(kinds.map { $0.details["source"] } == ["uplink", "cache"])
        }
    }

    @Test("skopeo copies from a registry outside, and from the lab's own, over HTTPS")
    func skopeo() async throws {
        try await ReplayLab.with { lab in
            let digest = try await RegistryTests.image("kolla/heka", ["2.0.2"], in: lab.gateway)
            try await lab.clients.prepare(
                """
                mkdir -p '\(lab.origin.files)/v2/kolla/heka/manifests' '\(lab.origin.files)/v2/kolla/heka/blobs'
                cd '\(lab.gateway.folder.path)/registry/kolla/heka/blobs/sha256'
                for blob in *; do cp $blob '\(lab.origin.files)'/v2/kolla/heka/blobs/sha256:$blob; done
                cp \(digest.dropFirst("sha256:".count)) '\(lab.origin.files)/v2/kolla/heka/manifests/2.0.2'
                """
            )
            func copy(_ host: String) -> String {
                """
                rm -rf copied
                SSL_CERT_FILE='\(lab.clients.authority)' skopeo --insecure-policy copy -q \\
                    docker://\(host)/kolla/heka:2.0.2 oci:copied:latest
                cd copied/blobs/sha256; for blob in *; do echo $blob $(sha256sum <$blob); done

                """
            }
            let own = try await lab.clients.prepare(copy("registry.vlab.test"))
            let text = try await lab.expectReplay(of: copy("registry.example.org"))
            #expect(own == text && text.contains(digest.dropFirst("sha256:".count)))
        }
    }
}

/// A gateway that records, real clients, and a server outside that can be ended.
struct ReplayLab: Sendable {
    let gateway: RunningGateway
    let clients: ClientLab
    let origin: OriginServer
    let care: CacheCare

    static func with(_ body: (ReplayLab) async throws -> Void) async throws {
        try await OriginServer.with { origin in
            let folder = try TemporaryFolder()
            let cache = FilePath(folder.path)
            let downloads = try DownloadCache(folder: cache)
            try await RunningGateway.outside(
                origin.ports.http,
                secure: origin.ports.https,
                mode: .record,
                change: {
                    $0.downloads = downloads
                    $0.trust = .file(origin.authority)
                }
            ) { lab in
                let clients = try await ClientLab(lab)
                let care = try CacheCare(folder: cache)
                try await body(ReplayLab(gateway: lab, clients: clients, origin: origin, care: care))
                #expect(try care.verify().findings == [])
            }
        }
    }

    /// With the server outside and without it the script succeeds and says the same.
    @discardableResult
    func expectReplay(
        of script: String,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let recorded = try await clients.prepare(script)
        let dials = gateway.dials.all.count
        #expect(dials > 0, sourceLocation: location)
        try await origin.end()
        gateway.gateway.uplinkMode = .cache
        let replayed = try await clients.prepare(script)
        #expect(recorded == replayed, sourceLocation: location)
        #expect(gateway.dials.all.count == dials, "nobody outside was asked", sourceLocation: location)
        return replayed
    }
}
