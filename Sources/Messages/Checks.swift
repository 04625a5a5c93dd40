internal import CWire

// Checks at the door. Each takes a field as protobuf-c left it and names it in the error.

/// The largest step or counter that is taken for one.
let largestCount: UInt64 = 1 << 53

/// Unpacks `bytes` for the length of `body`; what protobuf-c allocated is freed after it.
func withUnpacked<Message, Result>(
  _ bytes: UnsafeRawBufferPointer,
  by unpack: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) -> UnsafeMutablePointer<
    Message
  >?,
  freedBy free: (UnsafeMutablePointer<Message>?, UnsafeMutablePointer<ProtobufCAllocator>?) -> Void,
  _ body: (Message) throws(MessageError) -> Result
) throws(MessageError) -> Result {
  guard let start = bytes.baseAddress, bytes.count > 0,
    let message = unpack(nil, bytes.count, start.assumingMemoryBound(to: UInt8.self))
  else { throw .unreadable(count: bytes.count) }
  defer { free(message, nil) }
  return try body(message.pointee)
}

func checkProtocol(_ version: UInt32) throws(MessageError) {
  if version != wireProtocol { throw .otherProtocol(expected: wireProtocol, actual: Int(version)) }
}

func present<Message>(_ message: UnsafeMutablePointer<Message>?, _ field: String) throws(MessageError)
  -> Message
{
  guard let message else { throw .missing(field: field) }
  return message.pointee
}

func whole<Value: BinaryInteger>(
  _ value: Value, in allowed: ClosedRange<Int>, _ field: String
) throws(MessageError) -> Int {
  guard let number = Int(exactly: value), allowed.contains(number) else {
    throw .outOfRange(
      field: field, allowed: "\(allowed.lowerBound) to \(allowed.upperBound)", actual: "\(value)")
  }
  return number
}

/// A step or another count without a limit of its own.
func count(_ value: UInt64, from least: Int = 0, _ field: String) throws(MessageError) -> Int {
  try whole(value, in: least...Int(largestCount), field)
}

/// A setting: finite and not negative.
func setting(_ value: Float, _ field: String) throws(MessageError) -> Float {
  guard value.isFinite, value >= 0 else {
    throw .outOfRange(field: field, allowed: "a finite number not below 0", actual: "\(value)")
  }
  return value
}

/// A finite number above 0.
func positive(_ value: Double, _ field: String) throws(MessageError) -> Double {
  guard value.isFinite, value > 0 else {
    throw .outOfRange(field: field, allowed: "a finite number above 0", actual: "\(value)")
  }
  return value
}

func number(_ value: Float, in allowed: ClosedRange<Float>, _ field: String) throws(MessageError) -> Float {
  guard allowed.contains(value) else {
    throw .outOfRange(
      field: field, allowed: "\(allowed.lowerBound) to \(allowed.upperBound)", actual: "\(value)")
  }
  return value
}

/// A number from 0 to below 1.
func share(_ value: Float, _ field: String) throws(MessageError) -> Float {
  guard value >= 0, value < 1 else {
    throw .outOfRange(field: field, allowed: "a number from 0 to below 1", actual: "\(value)")
  }
  return value
}

/// 1 to 100 visible ASCII characters.
func name(_ text: UnsafePointer<CChar>?, _ field: String) throws(MessageError) -> String {
  let text = text.map { String(cString: $0) } ?? ""
  guard isName(text) else { throw .badText(field: field, expected: "1 to 100 visible ASCII characters") }
  return text
}

/// As `name`, or nothing at all.
func optionalName(_ text: UnsafePointer<CChar>?, _ field: String) throws(MessageError) -> String {
  guard let text, text.pointee != 0 else { return "" }
  return try name(text, field)
}

/// Whether a name may travel as one.
public func isName(_ text: String) -> Bool {
  (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
}

/// A SHA-256 as 64 lower-case hexadecimal digits.
func sha256(_ text: UnsafePointer<CChar>?, _ field: String) throws(MessageError) -> String {
  let text = text.map { String(cString: $0) } ?? ""
  guard isSHA256(text) else { throw .badText(field: field, expected: "64 lower-case hexadecimal digits") }
  return text
}

/// Whether this is a SHA-256 as 64 lower-case hexadecimal digits.
public func isSHA256(_ text: String) -> Bool {
  text.utf8.count == 64 && text.utf8.allSatisfy("0123456789abcdef".utf8.contains)
}

/// Text for people: whatever came, cut to 500, without control characters and without those that change the direction of
/// writing or begin a line, which would let a peer write over what the terminal shows.
func explanation(_ text: UnsafePointer<CChar>?) -> String {
  let text = text.map { String(cString: $0) } ?? ""
  return String(text.unicodeScalars.lazy.filter(isHarmless).prefix(500).map(Character.init))
}

private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: false
  default: true
  }
}

func bytes(_ data: ProtobufCBinaryData, count: Int, _ field: String) throws(MessageError) -> [UInt8] {
  guard data.len == count else {
    throw .wrongLength(field: field, expected: "\(count)", actual: data.len)
  }
  return Array(UnsafeBufferPointer(start: data.data, count: count))
}

/// Floats that may be anything, infinities and NaN too.
func floats(_ data: ProtobufCBinaryData, _ field: String) throws(MessageError) -> [Float] {
  guard data.len % MemoryLayout<Float>.stride == 0 else {
    throw .wrongLength(field: field, expected: "a multiple of 4", actual: data.len)
  }
  return [Float](unsafeUninitializedCapacity: data.len / MemoryLayout<Float>.stride) { buffer, count in
    UnsafeMutableRawBufferPointer(buffer).copyMemory(
      from: UnsafeRawBufferPointer(start: data.data, count: data.len))
    count = buffer.count
  }
}

/// Finite floats, `allowed` many.
func finiteFloats(
  _ values: some Collection<Float>, count allowed: ClosedRange<Int>, _ field: String
) throws(MessageError) -> [Float] {
  guard allowed.contains(values.count) else {
    throw .wrongLength(
      field: field, expected: "\(allowed.lowerBound) to \(allowed.upperBound)", actual: values.count)
  }
  if let bad = values.first(where: { !$0.isFinite }) {
    throw .outOfRange(field: field, allowed: "finite numbers", actual: "\(bad)")
  }
  return Array(values)
}
