import Estimation
import Foundation
import Numerics
import Testing

@Suite("KernelGAN's regularisers")
struct KernelConstraintsTests {
  typealias Term = @Sendable (KernelConstraints, [Double], Double, inout [Double]) -> Double

  static let terms: [Term] = [
    { $0.boundaries($1, weight: $2, &$3) }, { $0.central($1, weight: $2, &$3) },
    { $0.sparse($1, weight: $2, &$3) },
  ]

  /// Central differences, at kernels of either sign that keep clear of 0, where |k| has an edge. Truncation: h^2 times third
  /// derivatives, which the fifth root makes the largest (1e-6 at entries of 0.05); rounding over 2h is 1e-11.
  @Test(arguments: 0..<3, [5, 13])
  func slopes(term: Int, side: Int) {
    let constraints = KernelConstraints(side: side)
    var random = Philox(key: UInt64(term + side))
    let kernel = (0..<side * side).map { _ in
      random.uniform(in: 0.05..<0.2) * (random.uniform() < 0.2 ? -1 : 1)
    }
    func value(_ kernel: [Double]) -> Double {
      var ignored = [Double](repeating: 0, count: kernel.count)
      return Self.terms[term](constraints, kernel, 1, &ignored)
    }
    // What is there already stays.
    var gradient = [Double](repeating: 1, count: kernel.count)
    #expect(Self.terms[term](constraints, kernel, 2, &gradient) == value(kernel))
    let h = 1e-5
    for i in kernel.indices {
      var (above, below) = (kernel, kernel)
      above[i] += h
      below[i] -= h
      let slope = (value(above) - value(below)) / (2 * h)
      #expect(abs(gradient[i] - 1 - 2 * slope) < 1e-5 * max(1, abs(slope)), "entry \(i)")
    }
  }

  /// Only the two outermost rings cost, the corners most.
  @Test func `boundary costs`() {
    let constraints = KernelConstraints(side: 13)
    func cost(_ row: Int, _ column: Int) -> Double {
      var kernel = [Double](repeating: 0, count: 169)
      kernel[row * 13 + column] = -1
      var ignored = kernel
      return 169 * constraints.boundaries(kernel, weight: 1, &ignored)
    }
    #expect(cost(2, 2) == 0 && cost(6, 10) == 0)
    #expect(abs(cost(0, 12) - 30 * (1 - exp(-72.0 / 338))) < 1e-12)
    #expect(abs(cost(6, 1) - 30 * (1 - exp(-25.0 / 338))) < 1e-12)
  }

  /// The wanted centre is (6.5, 6.5): a kernel there pays nothing, one a pixel off on one axis a half.
  @Test func `central costs`() {
    let constraints = KernelConstraints(side: 13)
    func cost(columns: [Int]) -> Double {
      var kernel = [Double](repeating: 0, count: 169)
      for column in columns { for row in [6, 7] { kernel[row * 13 + column] = 0.25 } }
      var ignored = kernel
      return constraints.central(kernel, weight: 1, &ignored)
    }
    #expect(cost(columns: [6, 7]) == 0)
    #expect(cost(columns: [5, 6]) == 0.5)
  }

  /// Where a term has no slope or no meaning it adds nothing, rather than something not finite.
  @Test func `zero kernel`() {
    let zero = [Double](repeating: 0, count: 169)
    for term in Self.terms {
      var gradient = zero
      #expect(term(KernelConstraints(side: 13), zero, 1, &gradient) == 0)
      #expect(gradient == zero)
    }
  }

  @Test(arguments: [.leastNormalMagnitude, 1e-300, 3.1e-12, 0.999, 1, 1.001, 32, 33, 7e250])
  func `fifth root`(x: Double) {
    let root = KernelConstraints.fifthRoot(x)
    // The root's last place, five times over (the C library's pow takes 0.2 for a fifth, which is worse).
    #expect(abs(root * root * root * root * root / x - 1) < 2e-15)
  }
}

@Suite("KernelGAN's schedule")
struct ConstraintScheduleTests {
  /// Both rates fall by ten after iterations 750, 1500 and 2250 (counted from 0), whatever the losses.
  @Test func rates() {
    var schedule = ConstraintSchedule()
    var rates: [Double] = []
    for index in 0..<3000 {
      rates.append(schedule.rate)
      schedule.finish(iteration: index, bicubicLoss: 1)
    }
    #expect(rates[0...750].allSatisfy { $0 == 2e-4 } && rates[751] < 2.1e-5 && rates[1500] == rates[751])
    #expect(abs(rates[1501] / 2e-6 - 1) < 1e-12 && abs(rates[2999] / 2e-7 - 1) < 1e-12)
    #expect(schedule.bicubic == 5 && schedule.central == 0 && schedule.sparse == 0)
  }

  /// Two low losses, a high one, three low ones in a row: from then on every 200th iteration divides the bicubic weight by
  /// 100, down to 5e-6; the third weight brings the other two terms. High losses change nothing any more.
  @Test func weights() {
    var schedule = ConstraintSchedule()
    let low: Set<Int> = [0, 1, 2, 150, 151, 152]
    var seen: [Int: ConstraintSchedule] = [:]
    for index in 0...1000 {
      schedule.finish(iteration: index, bicubicLoss: low.contains(index) ? 0.39 : 0.41)
      seen[index] = schedule
    }
    #expect([199, 200, 399, 400, 600, 1000].map { seen[$0]?.bicubic } == [5, 0.05, 0.05, 5e-4, 5e-6, 5e-6])
    #expect([399, 400].map { seen[$0]?.central } == [0, 1])
    #expect([399, 400].map { seen[$0]?.sparse } == [0, 5])
  }

  /// The third low loss on a 200th iteration comes too late for that one; the very first iteration does not count.
  @Test func `closeness must precede`() {
    var schedule = ConstraintSchedule()
    for index in 0...399 {
      schedule.finish(iteration: index, bicubicLoss: (198...200).contains(index) ? 0.1 : 1)
    }
    #expect(schedule.bicubic == 5)
    schedule.finish(iteration: 400, bicubicLoss: 1)
    #expect(schedule.bicubic == 0.05)
    var early = ConstraintSchedule()
    for index in 0...200 { early.finish(iteration: index, bicubicLoss: index < 3 ? 0.1 : 1) }
    #expect(early.bicubic == 5)
  }
}
