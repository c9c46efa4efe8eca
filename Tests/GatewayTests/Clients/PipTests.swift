import Foundation
import Testing

@testable import Gateway

extension RealClients {
    /// A page of links with one package, its hash beside it.
    @Suite("pip")
    struct PipTests {
        /// Python that makes a package of this `name` in the folder that it is given, and knows its `digest`.
        static let wheelMaker = """
            import base64, hashlib, json, os, sys, zipfile
            served, name = sys.argv[1], 'vlab_hello-1.0-py3-none-any.whl'
            files = {
                'vlab_hello.py': base64.b64encode(os.urandom(100000)).replace(b'\\n', b''),
                'vlab_hello-1.0.dist-info/METADATA': b'Metadata-Version: 2.1\\nName: vlab-hello\\nVersion: 1.0\\n',
                'vlab_hello-1.0.dist-info/WHEEL':
                    b'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
            }
            with zipfile.ZipFile(f'{served}/{name}', 'w') as wheel:
                for path, content in files.items(): wheel.writestr(path, content)
                wheel.writestr('vlab_hello-1.0.dist-info/RECORD', ''.join(f'{p},,\\n' for p in files))
            digest = hashlib.sha256(open(f'{served}/{name}', 'rb').read()).hexdigest()
            """

        private static let wheel = """
            cat >make.py <<'END'
            \(wheelMaker)
            open(f'{served}/links.html', 'w').write(
                f'<!DOCTYPE html><html><body><a href="{name}#sha256={digest}">{name}</a></body></html>')
            END
            python3 make.py '%SERVED%'
            """

        @Test("downloads over HTTPS, and says what is wrong with index, package and server")
        func downloads() async throws {
            try await ClientLab.with { lab in
                try await lab.prepare(Self.wheel.replacing("%SERVED%", with: lab.served))
                let (links, wheel) = ("**/links.html", "**/*.whl")
                try await lab.expect(
                    [
                        Trouble("http.missing", on: links, says: "404 Client Error: Not Found"),
                        Trouble(
                            "http.status",
                            ["code": "403"],
                            on: wheel,
                            says: "403 Client Error: Forbidden"
                        ),
                        Trouble("http.stall", ["at": "50%"], on: wheel, says: "Read timed out"),
                        Trouble("http.corrupt", on: wheel, says: "DO NOT MATCH THE HASHES"),
                        Trouble("http.truncate", ["at": "50%"], on: wheel, says: "DO NOT MATCH THE HASHES"),
                        // Python's TLS takes a reset for an end, and then the hash differs.
                        Trouble(
                            "http.reset",
                            ["at": "50%"],
                            on: wheel,
                            says: "DO NOT MATCH THE HASHES",
                            "Connection reset by peer",
                            "Connection broken"
                        ),
                        Trouble("tls.expired", says: "certificate has expired"),
                        Trouble("tls.not-yet-valid", says: "certificate is not yet valid"),
                        Trouble("tls.unknown-ca", says: "unable to get local issuer certificate"),
                        Trouble("tls.self-signed", says: "self-signed certificate"),
                        Trouble("tls.wrong-name", says: "doesn't match"),
                        Trouble("tls.handshake-failure", says: "handshake failure"),
                        Trouble("dns.nxdomain", says: "Name or service not known"),
                    ],
                    of: """
                        rm -rf got
                        PIP_CONFIG_FILE=/dev/null PIP_CERT='\(lab.authority)' python3 -m pip -vv download \\
                            --disable-pip-version-check --no-cache-dir --no-index --no-deps --retries 0 --timeout 6 \\
                            --find-links https://mirror-a.vlab.test/images/links.html -d got vlab-hello
                        cmp got/*.whl '\(lab.served)'/*.whl
                        """
                )
            }
        }
    }
}
