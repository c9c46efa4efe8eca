import Images
import Lab
import LabModel
import Libvirt
import SystemPackage

/// Which accelerator this user's machines get: found by a trial once the installer's image is there, then kept.
struct HostAccelerator {
    private let state: StateFolders

    init(_ state: StateFolders) { self.state = state }

    private func probe(kernel: String = "", initrd: String = "") -> AcceleratorProbe {
        // The installer says each stage after this mark, the first of them a second after its kernel is up.
        AcceleratorProbe(kernel: kernel, initrd: initrd, marker: "==> ", cache: state.accelerator)
    }

    /// The outcome, by a trial if need be; nil while the installer's image is not built.
    func settle(in store: ImageStore, progress: (String) -> Void) async throws -> AcceleratorChoice? {
        if let known = try probe().known() { return known }
        guard let installer = try store.find("installer") else { return nil }
        progress("trying whether a guest boots with KVM")
        let choice = try await probe(
            kernel: installer.path(of: "vmlinuz").string,
            initrd: installer.path(of: "initrd.img").string
        ).choose()
        progress("\(choice)")
        return choice
    }

    /// What machines get now: emulation, which always works, while nothing better is proved.
    func forMachines() -> AcceleratorChoice {
        do {
            if let known = try probe().known() { return known }
            return AcceleratorChoice(
                accelerator: .tcg,
                reason: "KVM was not tried yet; vlab image build tries it"
            )
        } catch {
            return AcceleratorChoice(accelerator: .tcg, reason: "KVM cannot be tried: \(error)")
        }
    }
}
