import Platform

extension SafeTensors {
  /// Reads a file and checks all that the format demands of it.
  ///
  /// - Throws: `FileError`, `CheckpointError.otherFormat`, `.notSafeTensors` or `.truncated`.
  public init(path: String) throws { try self.init(bytes: Self.contents(of: path), file: path) }

  /// The whole file, once its first bytes promise that it is one of ours: a file of another kind is not read to its end,
  /// and none is beyond `largestFile`.
  static func contents(of path: String) throws -> [UInt8] {
    let beginning = try readFile(path, first: 512)
    try refuseOtherFormats(beginning, path)
    if beginning.count >= 8 { _ = try headerLength(beginning, path) }
    return try readFile(path, atMost: largestFile)
  }

  /// Reads the content of a file, already in memory; `file` is its name in errors.
  ///
  /// - Throws: `CheckpointError.otherFormat`, `.notSafeTensors` or `.truncated`.
  public init(bytes: [UInt8], file: String) throws {
    try Self.refuseOtherFormats(bytes.prefix(512), file)
    let headerEnd = try Self.headerEnd(bytes, file)
    let header = try Header(json: bytes[8..<headerEnd], file: file)
    try header.checkSpans(dataCount: bytes.count - headerEnd, file: file)
    var (tensors, unread): ([String: Tensor], [String: String]) = ([:], [:])
    for (name, entry) in header.entries {
      guard let type = entry.type else {
        unread[name] = entry.typeName
        continue
      }
      let span = headerEnd + entry.begin..<headerEnd + entry.end
      tensors[name] = Tensor(type: type, shape: entry.shape, bytes: Array(bytes[span]))
    }
    self.init(tensors: tensors, metadata: header.metadata, file: file, unread: unread)
  }

  private static func refuseOtherFormats(_ beginning: some Collection<UInt8>, _ file: String) throws {
    guard let format = OtherFormat(beginning: Array(beginning)) else { return }
    throw CheckpointError.otherFormat(file: file, format)
  }

  /// Bytes. The largest of ours has some tens of megabytes.
  private static let largestFile = 1 << 32
  private static let longestHeader = 100_000_000

  /// What the first eight bytes say, within the format's limit.
  private static func headerLength(_ bytes: [UInt8], _ file: String) throws -> Int {
    let count = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= longestHeader else {
      throw CheckpointError.notSafeTensors(
        file: file, cause: "a header of \(count) bytes is beyond the format's limit of \(longestHeader)")
    }
    return Int(count)
  }

  private static func headerEnd(_ bytes: [UInt8], _ file: String) throws -> Int {
    guard bytes.count >= 8 else {
      throw CheckpointError.truncated(file: file, part: .header, expected: 8, actual: bytes.count)
    }
    let count = try headerLength(bytes, file)
    guard count <= bytes.count - 8 else {
      throw CheckpointError.truncated(file: file, part: .header, expected: count, actual: bytes.count - 8)
    }
    return 8 + count
  }
}
