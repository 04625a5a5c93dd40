internal import CMatio
import Foundation
import Synchronization

/// Kernels in MATLAB files of version 5, through libmatio.
enum MATFile {
  static let variable = "Kernel"

  /// Reads the square real variable `Kernel`; columns come first in the file.
  static func read(_ path: String) throws(DegradationError) -> BlurKernel {
    try requireVersion5(path)
    return try serially { () throws(DegradationError) in
      let file = try Handle(reading: path)
      let matrix = try file.squareMatrix(variable)
      return BlurKernel(side: matrix.side, values: matrix.values).transposed()
    }
  }

  /// Writes beside the target first and then takes its name, so that no reader ever meets half a file.
  static func write(_ kernel: BlurKernel, to path: String) throws(DegradationError) {
    let target = URL(filePath: path)
    let name = ".\(target.lastPathComponent).\(UUID().uuidString)"
    let draft = target.deletingLastPathComponent().appending(path: name).path
    defer { unlink(draft) }
    try serially { () throws(DegradationError) in
      let file = try Handle(creating: draft, for: path)
      try file.append(variable, columns: kernel.transposed())
      try file.close()
    }
    guard rename(draft, path) == 0 else { throw .unwritable(path: path, reason: systemError()) }
  }

  /// libmatio also opens version 4, which has no mark to know it by, and 7.3, which is HDF5. Neither is
  /// needed, and both guess more at damaged files.
  private static func requireVersion5(_ path: String) throws(DegradationError) {
    let header = try firstBytes(of: path, limit: 128)
    let mark = Array(header.dropFirst(124))
    guard mark == [0, 1] + Array("IM".utf8) || mark == [1, 0] + Array("MI".utf8) else {
      throw .unreadable(path: path, reason: "it is not a MATLAB file of version 5; save it with -v7 or -v6")
    }
  }

  /// libmatio keeps its log function, and HDF5 beneath it all its state, in unguarded globals.
  private static let library = Mutex(())

  private static func serially<Value: Sendable>(
    _ body: () throws(DegradationError) -> Value
  ) throws(DegradationError) -> Value {
    try library.withLock { _ throws(DegradationError) in
      MATLog.begin()
      return try body()
    }
  }
}

/// What libmatio complains of, kept instead of printed.
enum MATLog {
  private static let text = Mutex("")

  static func begin() {
    text.withLock { $0 = "" }
    Mat_LogInitFunc(nil) { _, message in
      guard let message else { return }
      MATLog.text.withLock { $0 = String(cString: message) }
    }
  }

  /// The last complaint in one line, or the given words if there was none.
  static func complaint(or words: String) -> String {
    let line = text.withLock { $0 }.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.isEmpty ? words : line
  }
}
