import Foundation
import Platform

extension FileLimit {
  /// As many connections as the limit on open files leaves room for: where it is met, libzmq's thread spins on accept.
  static func connections(atMost most: Int) -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return min(most, max(Int(clamping: limit.rlim_cur) / 2, 16))
  }
}
