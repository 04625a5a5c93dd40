import BlurKernels
import Testing

@Suite struct DeadLeavesTests {
  private func picture(_ width: Int, _ height: Int, seed: UInt64) -> [UInt8] {
    var random = TestRandom(state: seed)
    return DeadLeaves.draw(width: width, height: height, using: &random)
  }

  /// FNV-1a, to hold the bytes that every machine must give.
  private func digest(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  @Test func `equal seeds give equal bytes on every machine`() {
    #expect(digest(picture(97, 61, seed: 7)) == 13_346_843_399_468_520_367)
    #expect(picture(97, 61, seed: 7) != picture(97, 61, seed: 8))
  }

  @Test(arguments: [(1, 1), (2, 3), (1, 40), (64, 16)]) func `any size is filled`(width: Int, height: Int) {
    #expect(picture(width, height, seed: 1).count == 3 * width * height)
  }

  @Test func `a poor generator still fills the picture`() {
    struct Constant: RandomNumberGenerator { mutating func next() -> UInt64 { 0 } }
    var random = Constant()
    #expect(DeadLeaves.draw(width: 32, height: 32, using: &random).count == 3 * 32 * 32)
  }

  /// What the pictures are for: edges at every scale. The mean difference of brightness over a distance grows
  /// with it, slowly, and the levels fill the range.
  @Test func `there is structure at all scales`() {
    let side = 256
    let bytes = picture(side, side, seed: 3)
    let differences = [1, 4, 16].map { distance in
      (0..<side * (side - distance)).reduce(0.0) { sum, index in
        let start = index / (side - distance) * side + index % (side - distance)
        return sum + abs(Double(bytes[3 * start + 1]) - Double(bytes[3 * (start + distance) + 1]))
      } / Double(side * (side - distance))
    }
    #expect(differences[0] > 4 && differences[0] < 25)
    for (near, far) in zip(differences, differences.dropFirst()) { #expect(far > 1.1 * near) }
    #expect(Set(bytes).count > 200)
  }
}
