internal import CZlib

/// The elements of a MATLAB file, or of one of its matrices, one after the other.
struct MATElements {
  private var rest: ArraySlice<UInt8>
  private let isBigEndian: Bool

  init(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
    (rest, self.isBigEndian) = (bytes, isBigEndian)
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next element. Data of up to four bytes may share the tag's eight; longer data is padded to a multiple
  /// of eight unless it is compressed.
  mutating func next() throws(Malformed) -> (kind: UInt32, data: ArraySlice<UInt8>) {
    let head = integer(try take(4))
    let (kind, shortSize) = (UInt32(head & 0xFFFF), Int(head >> 16))
    if shortSize > 0 { return (kind, try take(4).prefix(shortSize)) }
    let size = Int(integer(try take(4)))
    let data = try take(size)
    if kind != MATFile.Kind.compressed { rest = rest.dropFirst((8 - size % 8) % 8) }
    return (kind, data)
  }

  /// The elements inside the next variable, unpacked if need be.
  mutating func nextVariable() throws(Malformed) -> MATElements {
    let (kind, data) = try next()
    switch kind {
    case MATFile.Kind.matrix:
      return MATElements(data, isBigEndian: isBigEndian)
    case MATFile.Kind.compressed:
      // Inside is one more tag. Its size is not asked: of a large variable only the beginning is unpacked.
      return MATElements(try inflated(data).dropFirst(8), isBigEndian: isBigEndian)
    default:
      throw Malformed(reason: "it is damaged: a variable is of the unknown type \(kind)")
    }
  }

  func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    isBigEndian
      ? bytes.reduce(0) { $0 << 8 | UInt64($1) }
      : bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Malformed(reason: "it is damaged or ends too early") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

/// What zlib makes of the bytes, but not more than the largest kernel and its tags take.
private func inflated(_ packed: ArraySlice<UInt8>) throws(Malformed) -> [UInt8] {
  let limit = 8 * BlurKernel.largestSideInFiles * BlurKernel.largestSideInFiles + 1024
  var status = Z_OK
  let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
    var length = uLongf(limit)
    status = packed.withUnsafeBufferPointer { packed in
      uncompress(buffer.baseAddress, &length, packed.baseAddress, uLong(packed.count))
    }
    // Only then are the first `length` bytes sure to be written.
    count = status == Z_OK || status == Z_BUF_ERROR ? Int(length) : 0
  }
  guard status == Z_OK || (status == Z_BUF_ERROR && bytes.count == limit) else {
    throw Malformed(reason: "it is damaged: a compressed variable does not unpack (zlib error \(status))")
  }
  return bytes
}
