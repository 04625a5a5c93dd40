/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
/// 1, 2, 3", SC'11): any draw is a function of (key, stream, counter) and can be repeated anywhere.
public struct Philox: Sendable {
  /// One block: 128 random bits from a counter and a key.
  public static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var x = counter
    var k = key
    for _ in 0..<10 {
      let p = UInt64(x[0]) * 0xD251_1F53
      let q = UInt64(x[2]) * 0xCD9E_8D57
      x = [
        UInt32(truncatingIfNeeded: q >> 32) ^ x[1] ^ k[0], UInt32(truncatingIfNeeded: q),
        UInt32(truncatingIfNeeded: p >> 32) ^ x[3] ^ k[1], UInt32(truncatingIfNeeded: p),
      ]
      k &+= [0x9E37_79B9, 0xBB67_AE85]
    }
    return x
  }

  /// Block number `index` of a stream.
  public static func block(_ index: UInt64, stream: UInt64, key: UInt64) -> SIMD4<UInt32> {
    block(SIMD4(lowHalf: halves(index), highHalf: halves(stream)), key: halves(key))
  }

  /// A key for a part of the work that draws on its own, such as one task of one outer step.
  public static func key(_ parent: UInt64, _ purpose: Purpose, _ a: UInt64 = 0, _ b: UInt64 = 0) -> UInt64 {
    let outer = pair(block(a, stream: 0xFFFF_FFFF_0000_0000 | purpose.rawValue, key: parent))
    return pair(block(b, stream: purpose.rawValue, key: outer))
  }

  /// What a derived key is for; two purposes never share draws. Numbers are part of every result: append only.
  public enum Purpose: UInt64, Sendable {
    case estimation = 1
    case initialisation, task, picture, canary, degradation
  }

  private static func halves(_ x: UInt64) -> SIMD2<UInt32> {
    [UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: x >> 32)]
  }

  private static func pair(_ x: SIMD4<UInt32>) -> UInt64 { UInt64(x[0]) | UInt64(x[1]) << 32 }

  // MARK: a sequence of draws

  private let key: UInt64
  private let stream: UInt64
  private var index: UInt64

  /// The draws of one stream from block number `index` on.
  public init(key: UInt64, stream: UInt64 = 0, at index: UInt64 = 0) {
    (self.key, self.stream, self.index) = (key, stream, index)
  }
}

extension Philox: RandomNumberGenerator {
  public mutating func next() -> UInt64 {
    defer { index += 1 }
    return Philox.pair(Philox.block(index, stream: stream, key: key))
  }

  /// Uniform on [0, 1), 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform on `range`.
  public mutating func uniform(in range: Range<Double>) -> Double {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }

  /// An integer in 0..<`bound`, by Lemire's multiplication (its bias, below bound / 2^64, is accepted: one draw
  /// per number keeps streams aligned).
  public mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
}

extension Philox {
  /// Unit normals, 24 bits of each uniform: `count`, a multiple of 64, from block number `first` of the stream,
  /// in the order that `cloops.h` gives. One block makes four numbers.
  package static func normals(
    key: UInt64, stream: UInt64, first: UInt64 = 0, into out: UnsafeMutablePointer<Float>, count: Int,
    unit: VectorUnit
  ) {
    precondition(count % 64 == 0)
    unit.loops.normals(key, stream, first, out, count)
  }

  /// Fills `out` with unit normals: array number `index`, where the stream is cut into arrays of this length, a multiple
  /// of 64.
  package static func normals(
    key: UInt64, stream: UInt64, array index: Int, into out: FloatBuffer, unit: VectorUnit
  ) {
    normals(
      key: key, stream: stream, first: UInt64(index * out.count / 4), into: out.pointer, count: out.count,
      unit: unit)
  }
}
