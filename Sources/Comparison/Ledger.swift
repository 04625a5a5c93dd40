import Foundation
import Platform
import Synchronization

/// The measurements of a folder, `measurements.jsonl`: one line each, appended the moment it is made, so that an
/// interrupted evaluation goes on where it was. One process at a time may hold it.
public final class Ledger: Sendable {
  public let path: String
  /// Numbers of lines, from 1, that are no measurements; they are left as they are.
  public let foreignLines: [Int]

  fileprivate struct Content {
    let file: FileHandle
    var kernels: [String: KernelRecord] = [:]
    var images: [String: ImageRecord] = [:]
  }
  private let content: Mutex<Content>

  /// Opens or makes the file. A last line that was cut short by a crash is removed.
  /// - Throws: `EvaluationError.busy`, `.refused`.
  public init(path: String) throws(EvaluationError) {
    self.path = path
    let file = try Self.locked(path)
    do {
      let lines = try Self.wholeLines(of: file)
      let decoded = lines.map { try? Outcome(line: $0) }
      foreignLines = lines.indices.filter { decoded[$0] == nil && !lines[$0].isEmpty }.map { $0 + 1 }
      var content = Content(file: file)
      for outcome in decoded { if let outcome { content.note(outcome) } }
      self.content = Mutex(content)
    } catch { throw .refused(operation: "read", file: path, cause: error.localizedDescription) }
  }

  public func kernel(_ key: String) -> KernelRecord? { content.withLock { $0.kernels[key] } }
  public func image(_ key: String) -> ImageRecord? { content.withLock { $0.images[key] } }

  /// Writes a measurement at the file's end; failures are not kept.
  public func append(_ outcome: Outcome) throws(EvaluationError) {
    if case .failure = outcome { return }
    do {
      let line = try outcome.line + Data("\n".utf8)
      try content.withLock { content in
        try content.file.write(contentsOf: line)
        content.note(outcome)
      }
    } catch { throw .refused(operation: "write", file: path, cause: error.localizedDescription) }
  }

  private static func locked(_ path: String) throws(EvaluationError) -> FileHandle {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .refused(operation: "open", file: path, cause: systemText(errno))
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .busy(file: path) }
    return file
  }

  private static func wholeLines(of file: FileHandle) throws -> [Data] {
    let bytes = try file.readToEnd() ?? Data()
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let torn = lines.removeLast()
    if !torn.isEmpty { try file.truncate(atOffset: UInt64(bytes.count - torn.count)) }
    return lines
  }
}

extension Ledger.Content {
  fileprivate mutating func note(_ outcome: Outcome) {
    switch outcome {
    case .kernel(let record): kernels[record.key] = record
    case .image(let record): images[record.key] = record
    case .failure: break
    }
  }
}

extension JSONEncoder {
  /// One line; equal pictures have an infinite PSNR, which JSON has no number for.
  static var records: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  static var records: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
