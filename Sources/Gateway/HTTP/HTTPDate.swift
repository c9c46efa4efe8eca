import Glibc
import Synchronization

/// A moment as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
struct HTTPDate: Hashable, Sendable {
    /// Unix time.
    let seconds: Int

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the preferred form only; a condition in one of the two obsolete ones is ignored.
    init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", let day = Int32(parts[1]), let year = Int32(parts[3]),
            let month = Self.months.firstIndex(of: String(parts[2])), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3 else { return nil }
        var time = tm()
        (time.tm_mday, time.tm_mon, time.tm_year) = (day, Int32(month), year - 1900)
        (time.tm_hour, time.tm_min, time.tm_sec) = (clock[0], clock[1], clock[2])
        seconds = timegm(&time)
    }

    static func text(_ seconds: Int) -> String {
        var (moment, time) = (time_t(seconds), tm())
        gmtime_r(&moment, &time)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date =
            "\(days[Int(time.tm_wday)]), \(two(time.tm_mday)) \(months[Int(time.tm_mon)]) \(time.tm_year + 1900)"
        return "\(date) \(two(time.tm_hour)):\(two(time.tm_min)):\(two(time.tm_sec)) GMT"
    }

    /// The last second that was asked for, and its text: requests come many to a second.
    private static let latest = Mutex((seconds: 0, text: text(0)))

    static var now: String {
        let seconds = time(nil)
        return latest.withLock { latest in
            if latest.seconds != seconds { latest = (seconds, text(seconds)) }
            return latest.text
        }
    }
}
