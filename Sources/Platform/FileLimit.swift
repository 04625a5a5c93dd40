import Foundation

/// How many files this process may have open: each connection takes one or some, and the usual limit is 1,024.
package enum FileLimit {
  /// As many as the system lets it.
  package static func raise() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
