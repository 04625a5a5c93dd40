import Foundation
import Platform

/// The one owner of an event file's descriptor: a file that only ever grows by whole records.
final class EventFile {
  private static let prefix = "events.out.tfevents."

  let path: String
  let descriptor: Int32
  /// The bytes of all whole records.
  private(set) var length = 0

  /// A new, empty file.
  init(folder: String) throws(TelemetryError) {
    let path = URL(filePath: folder).appending(path: Self.newName(in: folder)).path
    let failure = { TelemetryError.notCreated(file: path, cause: $0) }
    descriptor = try Self.checked(failure) { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    self.path = path
  }

  deinit { close(descriptor) }

  /// Writes a record, or nothing: what a full disk let through of it is cut off again, since no reader gets past a
  /// torn record. Writing by position keeps to that even where the cut fails.
  func append(_ record: [UInt8]) throws(TelemetryError) {
    do throws(TelemetryError) {
      try record.withUnsafeBufferPointer { (bytes) throws(TelemetryError) in try write(bytes) }
    } catch {
      ftruncate(descriptor, off_t(length))
      throw error
    }
    length += record.count
  }

  private func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(TelemetryError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeBufferPointer(rebasing: rest)
      let end = off_t(length + rest.startIndex)
      rest = rest.dropFirst(try checked { pwrite(descriptor, part.baseAddress, part.count, end) })
    }
  }

  func synchronise() throws(TelemetryError) { try checked { fsync(descriptor) } }

  /// TensorBoard reads a folder's files in the order of their names, and later ones amend earlier ones; so the
  /// seconds in a name exceed those of all names there, whatever the clock says.
  private static func newName(in folder: String) -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let newest = names.compactMap(seconds).max() ?? 0
    let seconds = max(Int(Date.now.timeIntervalSince1970), newest + 1)
    return "\(prefix)\(seconds).\(hostName).\(getpid())"
  }

  private static func seconds(_ name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    let digits = name.dropFirst(prefix.count).prefix { $0 != "." }
    return digits.count == 10 ? Int(digits) : nil
  }

  /// The system's own, asked of no name server.
  private static var hostName: String {
    var system = utsname()
    guard uname(&system) == 0 else { return "unknown" }
    return withUnsafeBytes(of: system.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  @discardableResult
  private func checked<Code: SignedInteger>(_ call: () -> Code) throws(TelemetryError) -> Code {
    let failure = { TelemetryError.notWritten(file: self.path, cause: $0) }
    return try Self.checked(failure, call)
  }

  private static func checked<Code: SignedInteger>(
    _ failure: (String) -> TelemetryError, _ call: () -> Code
  ) throws(TelemetryError) -> Code {
    try Platform.checked({ failure(systemText($0)) }, call)
  }
}
