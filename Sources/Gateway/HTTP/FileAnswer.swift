import NIOCore
import NIOHTTP1

/// Contents as the answer to a request: whole, a part, or the news that the client has them already.
struct FileAnswer: Sendable {
    /// What is said of the contents, whole or in part.
    struct Description: Sendable, Equatable {
        let size: Int
        /// All that is said with them, and what of that is said without them too.
        let headers: HTTPHeaders
        let source: Delivery.Source

        init(size: Int, headers: HTTPHeaders, source: Delivery.Source) {
            (self.size, self.source) = (size, source)
            var headers = headers
            headers.replaceOrAdd(name: "Accept-Ranges", value: "bytes")
            self.headers = headers
        }

        var entityTag: String? { headers.first(name: "ETag") }
        /// Unix time.
        var modified: Int? { headers.first(name: "Last-Modified").flatMap(HTTPDate.init)?.seconds }

        private static let aboutVersion: Set = [
            "accept-ranges", "cache-control", "content-location", "etag", "expires", "last-modified", "vary",
        ]

        /// RFC 9110 §15.4.5.
        fileprivate var withoutContent: HTTPHeaders {
            HTTPHeaders(
                headers.filter { Self.aboutVersion.contains($0.name.lowercased()) }.map {
                    ($0.name, $0.value)
                }
            )
        }
    }

    /// Contents in memory, for many requests.
    final class Contents: Sendable {
        let about: Description
        let bytes: ByteBuffer
        fileprivate let answer = KeptAnswer()

        /// How much memory it takes: the bytes twice, once as they are sent.
        var room: Int { 2 * bytes.readableBytes + 2048 }

        init(_ about: Description, _ bytes: ByteBuffer) { (self.about, self.bytes) = (about, bytes) }
    }

    let about: Description
    let request: HTTPRequest
    /// The contents, or a part of them.
    let body: @Sendable (Range<Int>) -> Delivery.Body
    /// The whole of it, with its header.
    private var kept: KeptAnswer?

    /// Contents of so many bytes leave with their header in one packet, and are kept in memory.
    static let short = 32 << 10

    init(
        _ about: Description,
        to request: HTTPRequest,
        body: @escaping @Sendable (Range<Int>) -> Delivery.Body
    ) {
        (self.about, self.request, self.body) = (about, request, body)
    }

    /// A file with what is said of it.
    init(_ about: Description, _ file: OpenFile, to request: HTTPRequest) {
        self.init(about, to: request) { part in
            // Should it not be readable, sending it will tell.
            if part.count <= Self.short, let bytes = try? file.read(part), bytes.readableBytes == part.count {
                return .bytes(bytes)
            }
            return .file(file, part)
        }
    }

    init(_ contents: Contents, to request: HTTPRequest) {
        let bytes = contents.bytes
        self.init(contents.about, to: request) { part in
            .bytes(
                bytes.getSlice(at: bytes.readerIndex + part.lowerBound, length: part.count) ?? ByteBuffer()
            )
        }
        kept = contents.answer
    }

    var delivery: Delivery { conditional ?? content }

    /// RFC 9110 §13.2.2: what the client's conditions decide before the contents matter.
    private var conditional: Delivery? {
        let headers = request.head.headers
        if headers.contains(name: "If-Match") {
            guard matches(headers["If-Match"], weakly: false) else { return preconditionFailed }
        } else if let date = headers.first(name: "If-Unmodified-Since").flatMap(HTTPDate.init),
            let modified = about.modified, modified > date.seconds
        {
            return preconditionFailed
        }
        if headers.contains(name: "If-None-Match") {
            if matches(headers["If-None-Match"], weakly: true) { return notModified }
        } else if let date = headers.first(name: "If-Modified-Since").flatMap(HTTPDate.init),
            let modified = about.modified, modified <= date.seconds
        {
            return notModified
        }
        return nil
    }

    private var notModified: Delivery {
        Delivery(status: .notModified, headers: about.withoutContent, source: about.source)
    }

    private var preconditionFailed: Delivery {
        refusal(.preconditionFailed, "is not the version asked for")
    }

    private func refusal(_ status: HTTPResponseStatus, _ words: String) -> Delivery {
        var delivery = Delivery.text(status, "vlab gateway: \(request.target.path) \(words)")
        for (name, value) in about.withoutContent { delivery.headers.replaceOrAdd(name: name, value: value) }
        return delivery
    }

    /// A weak tag stands for what is as good, but not the same byte for byte (RFC 9110 §8.8.3.2).
    private func matches(_ fields: [String], weakly: Bool) -> Bool {
        func opaque(_ tag: String) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...] }
        return fields.contains { field in
            field.split(separator: ",").contains {
                let tag = $0.trimmingBlanks()
                guard let own = about.entityTag, tag != "*" else { return tag == "*" }
                return weakly ? opaque(tag) == opaque(own) : tag == own && !own.hasPrefix("W/")
            }
        }
    }

    private var content: Delivery {
        switch range {
        case .whole:
            var delivery = content(0..<about.size, status: .ok)
            delivery.kept = kept
            return delivery
        case .part(let part):
            var delivery = content(part, status: .partialContent)
            delivery.headers.replaceOrAdd(
                name: "Content-Range",
                value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(about.size)"
            )
            return delivery
        case .unsatisfiable:
            var delivery = refusal(.rangeNotSatisfiable, "has only \(about.size) bytes")
            delivery.headers.replaceOrAdd(name: "Content-Range", value: "bytes */\(about.size)")
            return delivery
        }
    }

    private func content(_ part: Range<Int>, status: HTTPResponseStatus) -> Delivery {
        Delivery(status: status, headers: about.headers, body: body(part), source: about.source)
    }

    /// A range counts only for GET, and under If-Range only for the very version (RFC 9110 §14.2, §13.1.5).
    private var range: ByteRange {
        guard request.head.method == .GET, let field = request.head.headers.first(name: "Range") else {
            return .whole
        }
        if let version = request.head.headers.first(name: "If-Range") {
            let isTag = version == about.entityTag && !version.hasPrefix("W/")
            let date = HTTPDate(version)?.seconds
            guard isTag || (date != nil && date == about.modified) else { return .whole }
        }
        return ByteRange(field, size: about.size)
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
