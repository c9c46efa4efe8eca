import NIOCore
import NIOHTTP1

/// A file as the answer to a request: whole, a part, or the news that the client has it already.
struct FileAnswer: Sendable {
    let file: OpenFile
    let request: HTTPRequest

    private static let short = 32 << 10

    var delivery: Delivery {
        var delivery = conditional ?? content
        delivery.headers.replaceOrAdd(name: "ETag", value: file.entityTag)
        delivery.headers.replaceOrAdd(name: "Last-Modified", value: HTTPDate.text(file.modified))
        delivery.headers.replaceOrAdd(name: "Accept-Ranges", value: "bytes")
        return delivery
    }

    /// RFC 9110 §13.2.2: what the client's conditions decide before the file matters.
    private var conditional: Delivery? {
        let headers = request.head.headers
        if headers.contains(name: "If-Match") {
            guard matches(headers["If-Match"], weakly: false) else { return preconditionFailed }
        } else if let date = headers.first(name: "If-Unmodified-Since").flatMap(HTTPDate.init),
            file.modified > date.seconds
        {
            return preconditionFailed
        }
        if headers.contains(name: "If-None-Match") {
            if matches(headers["If-None-Match"], weakly: true) {
                return Delivery(status: .notModified, source: .origin)
            }
        } else if let date = headers.first(name: "If-Modified-Since").flatMap(HTTPDate.init),
            file.modified <= date.seconds
        {
            return Delivery(status: .notModified, source: .origin)
        }
        return nil
    }

    private var preconditionFailed: Delivery {
        .text(.preconditionFailed, "vlab gateway: \(request.target.path) is not the version asked for")
    }

    private func matches(_ fields: [String], weakly: Bool) -> Bool {
        var accepted: Set = ["*", file.entityTag]
        if weakly { accepted.insert("W/" + file.entityTag) }
        return fields.contains { field in
            field.split(separator: ",").contains { accepted.contains($0.trimmingBlanks()) }
        }
    }

    private var content: Delivery {
        switch range {
        case .whole: return body(0..<file.size, status: .ok)
        case .part(let part):
            var delivery = body(part, status: .partialContent)
            delivery.headers.replaceOrAdd(
                name: "Content-Range",
                value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
            )
            return delivery
        case .unsatisfiable:
            var delivery = Delivery.text(
                .rangeNotSatisfiable,
                "vlab gateway: \(request.target.path) has only \(file.size) bytes"
            )
            delivery.headers.replaceOrAdd(name: "Content-Range", value: "bytes */\(file.size)")
            return delivery
        }
    }

    private func body(_ part: Range<Int>, status: HTTPResponseStatus) -> Delivery {
        var delivery = Delivery(status: status, body: .file(file, part), source: .origin)
        // A short one leaves with its header in one packet. Should it not be readable, sending it will tell.
        if part.count <= Self.short, let bytes = try? file.read(part), bytes.readableBytes == part.count {
            delivery.body = .bytes(bytes)
        }
        delivery.headers.replaceOrAdd(name: "Content-Type", value: contentType)
        return delivery
    }

    /// A range counts only for GET, and under If-Range only for the very version (RFC 9110 §14.2, §13.1.5).
    private var range: ByteRange {
        guard request.head.method == .GET, let field = request.head.headers.first(name: "Range") else {
            return .whole
        }
        if let version = request.head.headers.first(name: "If-Range") {
            let isSame = version == file.entityTag || HTTPDate(version)?.seconds == file.modified
            guard isSame else { return .whole }
        }
        return ByteRange(field, size: file.size)
    }

    private var contentType: String {
        let types = [
            "html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8",
            "json": "application/json",
            "gz": "application/gzip", "xz": "application/x-xz",
        ]
        let name = request.target.path.split(separator: "/").last ?? ""
        return name.split(separator: ".").last.flatMap { types[$0.lowercased()] }
            ?? "application/octet-stream"
    }
}

extension StringProtocol {
    /// Without the blanks that HTTP allows around values (RFC 9110 §5.6.3).
    func trimmingBlanks() -> String {
        var inner = self[...]
        while let last = inner.last, last == " " || last == "\t" { inner.removeLast() }
        while let first = inner.first, first == " " || first == "\t" { inner.removeFirst() }
        return String(inner)
    }
}
