/// The rate and the five weights of KernelGAN's iterations: they depend on the iteration's number and on how close the
/// generator has come to a bicubic downscaling.
package struct ConstraintSchedule: Sendable, Equatable {
  /// Adam's rate, for both networks.
  package private(set) var rate = 2e-4
  /// The weights of the five terms.
  package private(set) var bicubic = 5.0
  package let sumToOne = 0.5
  package let boundaries = 0.5
  package private(set) var central = 0.0
  package private(set) var sparse = 0.0
  /// Iterations in a row whose bicubic loss was low; stays at `timesClose` once it is there.
  private var closeInARow = 0

  private static let closeEnough: Float = 0.4, timesClose = 3

  /// The schedule before the first iteration.
  package init() {}

  /// Records that iteration `index`, counted from 0, is over. The first iteration changes nothing.
  package mutating func finish(iteration index: Int, bicubicLoss: Float) {
    guard index > 0 else { return }
    if index.isMultiple(of: 750) { rate /= 10 }
    if closeInARow < Self.timesClose {
      closeInARow = bicubicLoss < Self.closeEnough ? closeInARow + 1 : 0
    } else if index.isMultiple(of: 200) {
      loosen()
    }
  }

  /// Lowers the weight of the bicubic term; once it is small, the central and the sparse term get their weights.
  private mutating func loosen() {
    bicubic = max(bicubic / 100, 5e-6)
    if bicubic < 5e-3 { (central, sparse) = (1, 5) }
  }
}
