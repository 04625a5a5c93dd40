internal import CLinux
import Foundation

/// How many processors this process may use.
package enum ProcessorCount {
  /// At least 1: the smallest of the processors that are online, those of the affinity mask (`taskset`, Slurm), and the
  /// control group's quota, rounded up (containers).
  package static let available = count(
    online: sysconf(Int32(_SC_NPROCESSORS_ONLN)), affinity: Int(clinux_affinity_count()),
    quota: quota(membership: text("/proc/self/cgroup") ?? "") { text("/sys/fs/cgroup/" + $0) })

  package static func count(online: Int, affinity: Int, quota: Double?) -> Int {
    let limits = [online, affinity, quota.map { Int($0.rounded(.up)) } ?? 0]
    return max(limits.filter { $0 > 0 }.min() ?? 1, 1)
  }

  /// The tightest quota of the control groups that this process is in, in processors; nil where there is none.
  ///
  /// - Parameters:
  ///   - membership: as /proc/self/cgroup says it.
  ///   - read: gives a file's content under the control groups' mount point.
  package static func quota(
    membership: String, read: (String) -> String?
  ) -> Double? {
    membership.split(separator: "\n").compactMap { line -> Double? in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3 else { return nil }
      if parts[1].isEmpty { return ancestors(parts[2]).compactMap { version2(read($0 + "cpu.max")) }.min() }
      guard parts[1].split(separator: ",").contains("cpu") else { return nil }
      // The controller is mounted by its name, with its neighbours' names or, in a container, alone.
      return ["\(parts[1])/", "cpu/"].flatMap { mount in ancestors(parts[2]).map { mount + $0 } }
        .compactMap { version1(read($0 + "cpu.cfs_quota_us"), read($0 + "cpu.cfs_period_us")) }.min()
    }.min()
  }

  /// "/a/b" gives "a/b/", "a/" and "": a quota holds for all below it. In a container only the last may be there.
  private static func ancestors(_ path: String) -> [String] {
    var names = path.split(separator: "/").map(String.init)
    var all = [""]
    while !names.isEmpty {
      all.append(names.joined(separator: "/") + "/")
      names.removeLast()
    }
    return all
  }

  /// "max 100000" or "150000 100000": microseconds in each period.
  private static func version2(_ text: String?) -> Double? {
    let parts = (text ?? "").split(whereSeparator: \.isWhitespace)
    guard parts.count == 2, let quota = Double(parts[0]), let period = Double(parts[1]) else { return nil }
    return share(quota, period)
  }

  /// A quota of -1 is none.
  private static func version1(_ quota: String?, _ period: String?) -> Double? {
    func number(_ text: String?) -> Double? { text.flatMap { Double($0.filter { !$0.isWhitespace }) } }
    guard let quota = number(quota), let period = number(period) else { return nil }
    return share(quota, period)
  }

  private static func share(_ quota: Double, _ period: Double) -> Double? {
    quota > 0 && period > 0 && quota.isFinite && period.isFinite ? min(quota / period, 1e6) : nil
  }

  private static func text(_ path: String) -> String? {
    // Not `readFile`: the kernel's files have no size.
    guard let handle = fopen(path, "re") else { return nil }
    defer { fclose(handle) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = fread(&bytes, 1, bytes.count, handle)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
