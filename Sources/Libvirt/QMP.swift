import Clibvirt
import Foundation

/// QEMU's own language, for the few things that libvirt has no call for.
enum QMP {
    struct Path: Encodable { var path: String }
    struct Property: Encodable { var path, property: String; var value: Int }
    struct Chardev: Encodable { var id: String }
    struct Child: Decodable { var name: String }
    struct Nothing: Decodable {}

    private struct Command<Arguments: Encodable>: Encodable {
        var execute: String
        var arguments: Arguments
    }
    private struct Answer<Value: Decodable>: Decodable {
        struct Failure: Decodable { var desc: String }
        var `return`: Value?
        var error: Failure?
    }

    /// Sends a command and gives back what QEMU returns; its refusal is thrown as the error of that command.
    static func ask<Value: Decodable>(
        _ domain: borrowing DomainHandle,
        _ command: String,
        _ arguments: some Encodable
    ) throws(LibvirtError) -> Value {
        let subject = domain.subject
        func failure(_ message: String) -> LibvirtError {
            LibvirtError(
                code: .operationFailed,
                domain: Int32(bitPattern: VIR_FROM_QEMU.rawValue),
                message: message,
                call: command,
                subject: subject
            )
        }
        let text: String
        do {
            let encoded = try JSONEncoder().encode(Command(execute: command, arguments: arguments))
            text = String(decoding: encoded, as: UTF8.self)
        } catch {
            throw failure("\(error)")
        }
        let data = Data(try domain.monitor(text).utf8)
        let answer: Answer<Value>
        do { answer = try JSONDecoder().decode(Answer<Value>.self, from: data) } catch {
            throw failure("\(error)")
        }
        guard let value = answer.return else { throw failure(answer.error?.desc ?? "no answer") }
        return value
    }
}
