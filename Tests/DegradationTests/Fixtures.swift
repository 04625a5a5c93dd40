import Degradation
import Foundation

/// SplitMix64, for test data only.
struct TestRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  mutating func kernel(side: Int) -> BlurKernel {
    BlurKernel(side: side, values: (0..<side * side).map { _ in .random(in: 0...1, using: &self) })
  }

  mutating func plane(_ count: Int) -> [Float] { (0..<count).map { _ in .random(in: 0...1, using: &self) } }
}

extension BlurKernel {
  /// One where asked, zero elsewhere.
  static func delta(side: Int, row: Int, column: Int) -> BlurKernel {
    BlurKernel(side: side, values: (0..<side * side).map { $0 == row * side + column ? 1 : 0 })
  }
}

func largestDifference<Number: BinaryFloatingPoint>(_ a: [Number], _ b: [Number]) -> Number {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

/// A safetensors file, just enough of it: 8 bytes of header length, a JSON header, raw little-endian data.
struct GoldenTensors {
  private let header: [String: Any]
  private let data: Data

  init(_ url: URL) throws {
    let file = try Data(contentsOf: url)
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    header = try JSONSerialization.jsonObject(with: file[8..<8 + length]) as? [String: Any] ?? [:]
    data = file.dropFirst(8 + length)
  }

  func values<Number>(_ name: String, as type: Number.Type) -> [Number] {
    guard let entry = header[name] as? [String: Any], let offsets = entry["data_offsets"] as? [Int] else {
      return []
    }
    let bytes = [UInt8](data.dropFirst(offsets[0]).prefix(offsets[1] - offsets[0]))
    return bytes.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: MemoryLayout<Number>.size).map {
        raw.loadUnaligned(fromByteOffset: $0, as: type)
      }
    }
  }
}
