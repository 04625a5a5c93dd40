import Platform

extension SafeTensors {
  /// Reads a file and checks all that the format demands of it.
  ///
  /// - Throws: `CheckpointError.missingFile`, `.refused`, `.notSafeTensors` or `.truncated`.
  public init(path: String) throws { try self.init(bytes: readFile(path), file: path) }

  /// Reads the content of a file, already in memory; `file` is its name in errors.
  ///
  /// - Throws: `CheckpointError.notSafeTensors` or `.truncated`.
  public init(bytes: [UInt8], file: String) throws {
    let headerEnd = try Self.headerEnd(bytes, file)
    let header = try Header(json: bytes[8..<headerEnd], file: file)
    try header.checkSpans(dataCount: bytes.count - headerEnd, file: file)
    let tensors = header.entries.mapValues { entry in
      let span = headerEnd + entry.begin..<headerEnd + entry.end
      return Tensor(type: entry.type, shape: entry.shape, bytes: Array(bytes[span]))
    }
    self.init(tensors: tensors, metadata: header.metadata, file: file)
  }

  private static let longestHeader = 100_000_000

  private static func headerEnd(_ bytes: [UInt8], _ file: String) throws -> Int {
    guard bytes.count >= 8 else {
      throw CheckpointError.truncated(file: file, part: .header, expected: 8, actual: bytes.count)
    }
    let count = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= longestHeader else {
      throw CheckpointError.notSafeTensors(
        file: file, cause: "a header of \(count) bytes is beyond the format's limit of \(longestHeader)")
    }
    guard Int(count) <= bytes.count - 8 else {
      throw CheckpointError.truncated(
        file: file, part: .header, expected: Int(count), actual: bytes.count - 8)
    }
    return 8 + Int(count)
  }
}
