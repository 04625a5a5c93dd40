internal import CLinux
import Foundation

/// The most memory that this process had resident since `reset`. Meaningful while one measurement is made at a time, which
/// is why each runs in a process of its own.
enum PeakMemory {
  /// Gives freed memory back and forgets the peak (proc(5), clear_refs: 5). Where that is not allowed, the peak stays that
  /// of the whole process.
  static func reset() {
    malloc_trim(0)
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }

  /// VmHWM of proc(5), in units of 2^20 bytes. Not getrusage's figure, which a child inherits from its parent.
  static var megabytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    return (kilobytes.flatMap { Double($0) } ?? 0) / 1024
  }
}
