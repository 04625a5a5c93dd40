import Foundation
import Numerics
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
  /// The known answers published with Random123 (kat_vectors, philox4x32 10).
  @Test func `known answers`() {
    let answers: [(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, block: SIMD4<UInt32>)] = [
      (.init(repeating: 0), .init(repeating: 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (.init(repeating: .max), .init(repeating: .max), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ]
    for answer in answers { #expect(Philox.block(answer.counter, key: answer.key) == answer.block) }
  }

  /// The vector loops draw what the scalar generator and the textbook's Box-Muller say. 2e-6: single precision of a
  /// value up to 5.8 through a logarithm, a root and a sine.
  @Test func `normals are the blocks' Box-Muller transform`() throws {
    let unit = try VectorUnit.current()
    let key: UInt64 = 0x0123_4567_89ab_cdef
    let stream: UInt64 = 42
    // Across the 32-bit carry of the block number.
    let first: UInt64 = 0xffff_fff0
    var out = [Float](repeating: 0, count: 64 * 40)
    Philox.normals(key: key, stream: stream, first: first, into: &out, count: out.count, unit: unit)
    for group in 0..<40 {
      for lane in 0..<16 {
        let x = Philox.block(first + UInt64(16 * group + lane), stream: stream, key: key)
        for pair in 0..<2 {
          let radius = (-2 * log(Double((x[2 * pair] >> 8) + 1) * 0x1p-24)).squareRoot()
          let angle = 2 * Double.pi * Double(x[2 * pair + 1] >> 8) * 0x1p-24
          let at = 64 * group + 32 * pair + lane
          #expect(abs(Double(out[at]) - radius * cos(angle)) < 2e-6)
          #expect(abs(Double(out[at + 16]) - radius * sin(angle)) < 2e-6)
        }
      }
    }
  }

  /// Moments of 2^20 draws; bounds at six standard errors.
  @Test func `normals have unit moments`() throws {
    let n = 1 << 20
    var out = [Float](repeating: 0, count: n)
    Philox.normals(key: 7, stream: 1, into: &out, count: n, unit: try VectorUnit.current())
    let mean = out.reduce(0.0) { $0 + Double($1) } / Double(n)
    let variance = out.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
    let fourth = out.reduce(0.0) { $0 + pow(Double($1), 4) } / Double(n)
    #expect(abs(mean) < 6e-3)
    #expect(abs(variance - 1) < 6 * 2.0.squareRoot() / Double(n).squareRoot())
    #expect(abs(fourth - 3) < 6 * 96.0.squareRoot() / Double(n).squareRoot())
    #expect(out.allSatisfy { $0.isFinite })
  }

  @Test func `derived keys differ`() {
    var keys: Set<UInt64> = []
    for purpose in [Philox.Purpose.estimation, .task, .picture] {
      for a in 0..<20 as Range<UInt64> {
        for b in 0..<20 as Range<UInt64> { keys.insert(Philox.key(1, purpose, a, b)) }
      }
    }
    #expect(keys.count == 3 * 400)
  }

  @Test func `below stays below and reaches all`() {
    var random = Philox(key: 5)
    var seen = Set<Int>()
    for _ in 0..<1000 { seen.insert(random.below(7)) }
    #expect(seen == Set(0..<7))
  }
}
