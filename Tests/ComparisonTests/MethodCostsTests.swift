import Comparison
import Testing

@Suite("Costs of methods")
struct MethodCostsTests {
  /// The second half of 100 steps took 2 s, so 900 more take 36 s; what came before the first step is counted once.
  @Test func `long methods are extrapolated`() {
    let text = MethodCosts(
      width: 1020, height: 678, scale: 2,
      lines: [
        .init(method: "long", allSteps: 1000, seconds: [50: 3, 100: 5], megabytes: 60, failure: nil),
        .init(method: "short", allSteps: 100, seconds: [100: 5], megabytes: 70.4, failure: nil),
        .init(method: "broken", allSteps: 0, seconds: [:], megabytes: nil, failure: "no weights"),
      ]
    ).markdown
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines[0] == "## One 1020x678 picture, scale 2")
    #expect(
      lines.contains("| long | extrapolated from 5.00 s of 100 steps | 1000 | 41.00 | 60 |"), "\(lines)")
    #expect(lines.contains("| short | | 100 | 5.00 | 70 |"), "\(lines)")
    #expect(lines.contains("| broken | failed: no weights | 0 | - | - |"), "\(lines)")
    #expect(lines.contains("| paper: BSRDM | with a GPU | - | 101.10 | 9660 |"), "\(lines)")
  }
}
