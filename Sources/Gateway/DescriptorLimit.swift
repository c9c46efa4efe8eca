import Glibc

/// How many files and connections this process may have open at once.
package enum DescriptorLimit {
    /// Raises the soft limit, often 1,024, to the hard one; what it is then.
    ///
    /// For the program to call at its start: a connection takes one descriptor, one that is being sent a file two.
    @discardableResult
    package static func raise() -> UInt {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        var wanted = limit
        wanted.rlim_cur = limit.rlim_max
        let raised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0
        return raised ? wanted.rlim_cur : limit.rlim_cur
    }
}
