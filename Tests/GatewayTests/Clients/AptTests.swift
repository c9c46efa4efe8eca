import Foundation
import Testing

@testable import Gateway

extension RealClients {
    /// A repository of two packages, signed with a key of its own, and an apt that knows no other.
    @Suite("apt")
    struct AptTests {
        /// What `apt-ftparchive` would write, from the packages themselves.
        private static let repository = """
            mkdir -p debian/dists/stable/main/binary-amd64 debian/pool gnupg
            chmod 700 gnupg
            for name in vlab-hello vlab-world; do
                mkdir -p $name/DEBIAN $name/usr/share/$name
                head -c 200000 /dev/urandom >$name/usr/share/$name/data
                printf '%s\\n' "Package: $name" 'Version: 1.0' 'Architecture: all' \\
                    'Maintainer: nobody <nobody@example.org>' 'Description: a test' >$name/DEBIAN/control
                dpkg-deb --root-owner-group -Znone -b $name debian/pool/${name}_1.0_all.deb >/dev/null
            done
            cd debian
            for file in pool/*.deb; do
                dpkg-deb -f $file
                printf '%s\\n' "Filename: $file" "Size: $(stat -c %s $file)" \\
                    "SHA256: $(sha256sum $file | cut -d' ' -f1)" ''
            done >dists/stable/main/binary-amd64/Packages
            cd dists/stable
            packages=main/binary-amd64/Packages
            {
                printf '%s\\n' 'Origin: vlab' 'Suite: stable' 'Codename: stable' 'Architectures: amd64' \\
                    'Components: main' "Date: $(date -Ru)" "Valid-Until: $(date -Ru -d '+7 days')" 'SHA256:'
                echo " $(sha256sum $packages | cut -d' ' -f1) $(stat -c %s $packages) $packages"
            } >Release
            export GNUPGHOME=$HOME/gnupg
            gpg --batch --quiet --passphrase '' --quick-gen-key tester ed25519 sign never 2>/dev/null
            gpg --batch --quiet --clearsign -o InRelease Release
            gpg --batch --quiet --export >$HOME/key.gpg
            gpgconf --kill all
            mv $HOME/debian '%SERVED%/debian'
            """

        /// Downloads both packages afresh; nothing of the host's apt is read.
        private static func install(from base: String, _ lab: ClientLab) -> String {
            """
            rm -rf apt && mkdir -p apt/lists/partial apt/archives/partial apt/parts
            touch apt/status
            echo 'deb [signed-by=\(lab.home)/key.gpg] \(base)/debian stable main' >apt/sources.list
            cat >apt.conf <<END
            Dir::Etc::parts "\(lab.home)/apt/parts"; Dir::Etc::main "/dev/null";
            Dir::Etc::sourcelist "\(lab.home)/apt/sources.list"; Dir::Etc::sourceparts "\(lab.home)/apt/parts";
            Dir::State "\(lab.home)/apt"; Dir::State::status "\(lab.home)/apt/status";
            Dir::State::lists "\(lab.home)/apt/lists"; Dir::Cache "\(lab.home)/apt";
            Dir::Cache::archives "\(lab.home)/apt/archives"; Dir::Log "\(lab.home)/apt";
            APT::Architecture "amd64"; APT::Architectures "amd64"; APT::Sandbox::User "root";
            APT::Update::Error-Mode "any";
            Acquire::Languages "none"; Acquire::Retries "0"; Acquire::http::Timeout "2"; Acquire::https::Timeout "2";
            Acquire::https::CaInfo "\(lab.authority)";
            END
            export APT_CONFIG=$HOME/apt.conf
            apt-get -q update
            apt-get -q -y --download-only install vlab-hello vlab-world
            cmp apt/archives/vlab-hello_1.0_all.deb '\(lab.served)/debian/pool/vlab-hello_1.0_all.deb'
            """
        }

        @Test("updates and downloads over HTTP, and says which of the many things has gone wrong")
        func http() async throws {
            try await ClientLab.with { lab in
                try await lab.prepare(Self.repository.replacing("%SERVED%", with: lab.served))
                let package = "**/vlab-world_1.0_all.deb"
                try await lab.expect(
                    [
                        Trouble("dns.nxdomain", says: "Could not resolve 'mirror-a.vlab.test'"),
                        Trouble("dns.servfail", says: "Temporary failure resolving 'mirror-a.vlab.test'"),
                        Trouble("http.status", on: "**/InRelease", says: "503  Service Unavailable"),
                        Trouble(
                            "http.wrong-content",
                            on: "**/InRelease",
                            says: "Clearsigned file isn't valid"
                        ),
                        Trouble("http.expired-signature", on: "**/InRelease", says: "is not signed"),
                        Trouble("http.stale", on: "**/Packages", says: "Hash Sum mismatch"),
                        Trouble("http.missing", on: package, says: "404  Not Found"),
                        Trouble("http.stall", ["at": "50%"], on: package, says: "Connection timed out"),
                        Trouble("http.truncate", ["at": "50%"], on: package, says: "closed connection"),
                        Trouble(
                            "http.reset",
                            ["at": "50%"],
                            on: package,
                            says: "Undetermined Error",
                            "Connection reset by peer"
                        ),
                        Trouble("http.corrupt", on: package, says: "Hash Sum mismatch"),
                    ],
                    of: Self.install(from: "http://mirror-a.vlab.test/images", lab)
                )
            }
        }

        @Test("updates and downloads over HTTPS, and says why it does not trust the server")
        func https() async throws {
            try await ClientLab.with { lab in
                try await lab.prepare(Self.repository.replacing("%SERVED%", with: lab.served))
                let untrusted = "The certificate is NOT trusted."
                try await lab.expect(
                    [
                        Trouble(
                            "tls.expired",
                            says: "\(untrusted) The certificate chain uses expired certificate."
                        ),
                        Trouble("tls.not-yet-valid", says: "uses not yet valid certificate."),
                        Trouble("tls.unknown-ca", says: "\(untrusted) The certificate issuer is unknown."),
                        Trouble("tls.self-signed", says: "\(untrusted) The certificate issuer is unknown."),
                        Trouble(
                            "tls.wrong-name",
                            says: "The name in the certificate does not match the expected."
                        ),
                        Trouble("tls.handshake-failure", says: "A TLS fatal alert has been received."),
                        Trouble("http.status", ["code": "502"], on: "**/InRelease", says: "502  Bad Gateway"),
                    ],
                    of: Self.install(from: "https://mirror-a.vlab.test/images", lab)
                )
            }
        }
    }
}
