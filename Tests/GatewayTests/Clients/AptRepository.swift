import Foundation

/// A repository for apt, signed with a key of its own, and an apt that knows no other.
struct AptRepository {
    /// Three packages in two components, by what `apt-ftparchive` would write of them.
    ///
    /// `unsigned` has the same as `stable`, but nobody has signed it. Another state has other versions, and nothing of
    /// the one before.
    static func make(state: Int = 1, in folder: String) -> String {
        """
        mkdir -p gnupg '\(folder)'
        chmod 700 gnupg
        export GNUPGHOME=$HOME/gnupg
        [ -f key.gpg ] || gpg --batch --quiet --passphrase '' --quick-gen-key tester ed25519 sign never 2>/dev/null
        rm -rf debian packages
        mkdir -p debian/pool
        for name in vlab-hello vlab-world vlab-extra; do
            mkdir -p packages/$name/DEBIAN packages/$name/usr/share/$name
            head -c 200000 /dev/urandom >packages/$name/usr/share/$name/data
            printf '%s\\n' "Package: $name" 'Version: 1.\(state)' 'Architecture: all' \\
                'Maintainer: nobody <nobody@example.org>' 'Description: a test' >packages/$name/DEBIAN/control
            dpkg-deb --root-owner-group -Znone -b packages/$name debian/pool/${name}_1.\(state)_all.deb >/dev/null
        done
        cd debian
        index() {
            mkdir -p dists/$1/$2/binary-amd64
            for name in $3; do
                file=pool/${name}_1.\(state)_all.deb
                dpkg-deb -f $file
                printf '%s\\n' "Filename: $file" "Size: $(stat -c %s $file)" \\
                    "SHA256: $(sha256sum $file | cut -d' ' -f1)" ''
            done >dists/$1/$2/binary-amd64/Packages
        }
        for dist in stable unsigned; do
            index $dist main 'vlab-hello vlab-world'
            index $dist contrib vlab-extra
            cd dists/$dist
            {
                printf '%s\\n' 'Origin: vlab' "Suite: $dist" "Codename: $dist" 'Architectures: amd64' \\
                    'Components: main contrib' "Date: $(date -Ru)" "Valid-Until: $(date -Ru -d '+7 days')" 'SHA256:'
                for file in */binary-amd64/Packages; do
                    echo " $(sha256sum $file | cut -d' ' -f1) $(stat -c %s $file) $file"
                done
            } >Release
            cd ../..
        done
        gpg --batch --quiet --clearsign -o dists/stable/InRelease dists/stable/Release
        gpg --batch --quiet --export >$HOME/key.gpg
        gpgconf --kill all
        rm -rf '\(folder)/debian'
        mv $HOME/debian '\(folder)/debian'
        """
    }

    /// The repository's URL without `/debian`.
    var base: String
    var distribution = "stable"
    var components = "main"
    var packages = "vlab-hello vlab-world"
    /// More of apt's own settings.
    var settings = ""
    let lab: ClientLab

    init(_ base: String, _ lab: ClientLab) { (self.base, self.lab) = (base, lab) }

    /// Forgets all that apt has, and knows the repository; nothing of the host's apt is read or changed.
    var begin: String {
        let trust = distribution == "unsigned" ? "trusted=yes" : "signed-by=\(lab.home)/key.gpg"
        return """
            rm -rf apt root
            mkdir -p apt/lists/partial apt/archives/partial apt/parts root/var/lib/dpkg/updates root/var/lib/dpkg/info
            touch root/var/lib/dpkg/status root/var/lib/dpkg/available
            echo 'deb [\(trust)] \(base)/debian \(distribution) \(components)' >apt/sources.list
            cat >apt.conf <<END
            Dir::Etc::parts "\(lab.home)/apt/parts"; Dir::Etc::main "/dev/null";
            Dir::Etc::sourcelist "\(lab.home)/apt/sources.list"; Dir::Etc::sourceparts "\(lab.home)/apt/parts";
            Dir::State "\(lab.home)/apt"; Dir::State::status "\(lab.home)/root/var/lib/dpkg/status";
            Dir::State::lists "\(lab.home)/apt/lists"; Dir::Cache "\(lab.home)/apt";
            Dir::Cache::archives "\(lab.home)/apt/archives"; Dir::Log "\(lab.home)/apt";
            APT::Architecture "amd64"; APT::Architectures "amd64"; APT::Sandbox::User "root";
            APT::Update::Error-Mode "any"; Debug::NoLocking "true";
            DPkg::Options:: "--root=\(lab.home)/root"; DPkg::Options:: "--force-not-root";
            Acquire::Languages "none"; Acquire::Retries "0"; Acquire::http::Timeout "2"; Acquire::https::Timeout "2";
            Acquire::https::CaInfo "\(lab.authority)";
            \(settings)
            END

            """
    }

    var update: String { "export APT_CONFIG=$HOME/apt.conf\napt-get -q update\n" }

    /// From nothing to installed packages, which are those that were made.
    var install: String {
        """
        \(begin)
        \(update)
        apt-get -q -y install \(packages) >log
        for name in \(packages); do cmp root/usr/share/$name/data packages/$name/usr/share/$name/data; done
        """
    }
}
