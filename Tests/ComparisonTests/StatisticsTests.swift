import Comparison
import Testing

@Suite("Statistics")
struct StatisticsTests {
  static let points: [(x: Double, y: Double)] = [(1, 2), (2, 4), (3, 3), (4, 6), (5, 5)]

  /// Deviations of x: -2 -1 0 1 2, of y (mean 4): -2 0 -1 2 1. Products sum to 4 + 0 + 0 + 2 + 2 = 8, squares to 10 each.
  @Test func `Pearson's r equals one by hand`() throws {
    #expect(abs(try #require(Statistics.pearson(Self.points)) - 0.8) < 1e-15)
  }

  /// The ranks of these points are the points of `pearsonByHand`, or its mirror image.
  @Test func `Spearman's rho sees order only`() throws {
    let bent = Self.points.map { (x: $0.x * $0.x * $0.x, y: -1 / $0.y) }
    #expect(abs(try #require(Statistics.spearman(bent)) - 0.8) < 1e-15)
    #expect(abs(try #require(Statistics.spearman(bent.map { ($0.x, -$0.y) })) + 0.8) < 1e-15)
  }

  /// Ranks of x: 1.5 1.5 3 4, of y: 1 2 3.5 3.5. Deviations: -1 -1 .5 1.5 and -1.5 -.5 1 1; products 1.5 + .5 + .5 + 1.5 = 4,
  /// squares 4.5 and 4.5.
  @Test func `equal values share their rank`() throws {
    let tied: [(x: Double, y: Double)] = [(0, 10), (0, 20), (5, 30), (6, 30)]
    #expect(abs(try #require(Statistics.spearman(tied)) - 4 / 4.5) < 1e-15)
  }

  @Test func `no relation without variation or points`() {
    #expect(Statistics.pearson([(1, 1), (1, 2), (1, 3)]) == nil)
    #expect(Statistics.spearman([(1, 1), (2, 1), (3, 1)]) == nil)
    #expect(Statistics.pearson([(1, 1), (2, 2)]) == nil)
    #expect(Statistics.pearson([]) == nil)
  }

  /// Squares of the deviations from 2.5 sum to 5; 5 / 3.
  @Test func spread() throws {
    #expect(Statistics.mean([1, 2, 3, 4]) == 2.5)
    #expect(abs(try #require(Statistics.deviation([1, 2, 3, 4])) - (5.0 / 3).squareRoot()) < 1e-15)
    #expect(Statistics.deviation([7]) == nil)
    #expect(Statistics.mean([]) == nil)
  }
}
