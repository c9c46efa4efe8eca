import Glibc

/// How many files and connections this process may have open at once.
package enum DescriptorLimit {
    /// For some twenty thousand connections.
    private static let enough: UInt = 65536

    /// Raises the soft limit, often 1,024, as far as the hard one allows and a lab needs; what it is then.
    ///
    /// For the program to call at its start: a connection takes one descriptor, one that is being sent a file two. Not as high as it
    /// goes: children inherit it, and some close every descriptor up to it one by one.
    @discardableResult
    package static func raise() -> UInt {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        var wanted = limit
        wanted.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, enough))
        let raised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0
        return raised ? wanted.rlim_cur : limit.rlim_cur
    }
}
