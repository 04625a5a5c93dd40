import Comparison
import Foundation
import Testing

@Suite("Paired differences")
struct PairedTests {
  private struct Document: Decodable {
    struct Difference: Decodable {
      let method, measure: String
      let pictures: Int
      let difference: Double
      let low, high: Double?
      let won, lost, tied: Int
    }
    struct Bench: Decodable { let against: String?, differences: [Difference]? }
    let benches: [Bench]
  }

  /// The differences of two rows with the same figures for image PSNR and LK-COV.
  private static func compare(
    _ own: [Double], _ other: [Double], against: String = "other"
  ) throws -> [Document.Difference] {
    let scores = [("own", own), ("other", other)].flatMap { label, values in
      values.enumerated().map { index, value in
        var score = Score(bench: "b", picture: "\(index)", method: label)
        (score.imagePSNR, score.covarianceDistance) = (value, value)
        return score
      }
    }
    let head = Report.Head(bench: "b", scale: 2, pictures: [], runs: 1, enlarging: nil)
    let report = Report(heads: [head], scores: scores, faults: [], against: against)
    return try JSONDecoder().decode(Document.self, from: report.json()).benches[0].differences ?? []
  }

  /// Differences 1, -2, 0.004 (a tie at two digits) and 3: a mean of 0.501. Of LK-COV less is better.
  @Test func `differences by hand`() throws {
    let all = try Self.compare([1, 1, 1.004, 4], [0, 3, 1, 1])
    #expect(all.map(\.measure) == ["image_psnr", "lk_cov"])
    let (psnr, distance) = (all[0], all[1])
    #expect(psnr.method == "own" && psnr.pictures == 4 && abs(psnr.difference - 0.501) < 1e-12)
    #expect(psnr.won == 2 && psnr.lost == 1 && psnr.tied == 1)
    #expect(distance.won == 1 && distance.lost == 2 && distance.tied == 1)
    let (low, high) = (try #require(psnr.low), try #require(psnr.high))
    #expect(-2 <= low && low < 0.501 && 0.501 < high && high <= 3)
  }

  /// Infinite figures, as of equal pictures, and pictures of one row alone take no part.
  @Test func `pictures that cannot be compared`() throws {
    let all = try Self.compare([.infinity, 2, 3, 9], [1, .infinity, 1])
    #expect(all.count == 2)
    #expect(all.allSatisfy { $0.pictures == 1 && $0.difference == 2 && $0.low == nil && $0.high == nil })
    #expect(try Self.compare([1], [2], against: "third").isEmpty)
  }

  /// Normal values: the interval is close to 1.96 standard errors on both sides, mirrors with its values, and is the same
  /// each time.
  @Test func `intervals of many values`() throws {
    let values = (1...200).map { sin(Double($0) * 12.9898) * 3 + 1 }
    let mean = try #require(Statistics.mean(values))
    let error = try #require(Statistics.deviation(values)) / 200.0.squareRoot()
    let found = try #require(Statistics.bootstrapInterval(values))
    #expect(abs((mean - found.low) / error - 1.96) < 0.1 && abs((found.high - mean) / error - 1.96) < 0.1)
    let again = try #require(Statistics.bootstrapInterval(values))
    #expect(again.low == found.low && again.high == found.high)
    let mirrored = try #require(Statistics.bootstrapInterval(values.map { -$0 }))
    #expect(abs(mirrored.low + found.high) < 0.05 * error && abs(mirrored.high + found.low) < 0.05 * error)
  }

  @Test func `intervals of few values`() throws {
    let same = try #require(Statistics.bootstrapInterval([2, 2, 2]))
    #expect(same.low == 2 && same.high == 2)
    #expect(Statistics.bootstrapInterval([1]) == nil && Statistics.bootstrapInterval([]) == nil)
  }
}
