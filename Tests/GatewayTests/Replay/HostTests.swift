import DownloadCache
import Foundation
import LabModel
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite(
    "Where this host has its packages from",
    .enabled(if: PythonEnvironment.isOnline, "VLAB_OFFLINE is set"),
    .timeLimit(.minutes(5))
)
struct HostTests {
    /// The host's own settings, but for the gateway as its proxy; what is got goes to `got`.
    ///
    /// With the server outside and without it the script must succeed, and say the same.
    private static func expectReplay(of script: (RunningGateway) -> String) async throws {
        let folder = try TemporaryFolder()
        let downloads = try DownloadCache(folder: FilePath(folder.path))
        let host = ProcessInfo.processInfo.environment
        try await RunningGateway.outside(
            0,
            mode: .record,
            environment: host,
            change: { $0.downloads = downloads }
        ) { lab in
            func run() async throws -> String {
                let said = try await shell(
                    """
                    set -e
                    rm -rf '\(lab.folder.path)/work'; mkdir '\(lab.folder.path)/work'; cd '\(lab.folder.path)/work'
                    \(script(lab))
                    cd got; sha256sum *
                    """
                )
                try #require(said.status == 0, "\(said.text)\(said.errors)\(lab.events.all.suffix(3))")
                return said.text
            }
            let recorded = try await run()
            let dials = lab.dials.all.count
            #expect(dials > 0)
            lab.gateway.uplinkMode = .cache
            let replayed = try await run()
            #expect(recorded == replayed && !replayed.isEmpty)
            #expect(lab.dials.all.count == dials, "nobody outside was asked")
            #expect(try CacheCare(folder: FilePath(folder.path)).verify().findings == [])
        }
    }

    @Test("its Debian mirror is recorded as one state, and apt gets it again")
    func apt() async throws {
        try await Self.expectReplay { lab in
            """
            mkdir -p state/lists/partial cache/archives/partial got
            cat >apt.conf <<END
            Dir::State "$PWD/state"; Dir::State::status "$PWD/status"; Dir::Cache "$PWD/cache"; Dir::Log "$PWD";
            APT::Sandbox::User "root"; APT::Update::Error-Mode "any"; Acquire::Languages "none"; Debug::NoLocking "true";
            Acquire::http::Proxy "http://127.0.0.1:\(lab.ports.tcp)"; Acquire::https::Proxy "http://127.0.0.1:\(lab.ports.tcp)";
            Acquire::https::CaInfo "\(lab.folder.path)/ca.pem";
            END
            touch status
            export APT_CONFIG=$PWD/apt.conf LC_ALL=C
            apt-get -qq update
            cd got; apt-get -qq download hello; cp ../state/lists/*Release .; cd ..
            """
        }
    }

    @Test("its Python index is recorded through opened TLS, and pip gets it again")
    func pip() async throws {
        try await Self.expectReplay { lab in
            """
            env -u REQUESTS_CA_BUNDLE -u CURL_CA_BUNDLE python3 -m pip -q --proxy http://127.0.0.1:\(lab.ports.tcp) download \\
                --cert '\(lab.folder.path)/ca.pem' \\
                --disable-pip-version-check --no-cache-dir --no-deps --retries 0 -d got iniconfig==2.0.0
            """
        }
    }
}
