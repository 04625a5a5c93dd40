import BlurKernels
import Foresight
import MetaLearning
import Testing

@Suite("Loss of the predicted kernel")
struct KernelLossTests {
  private static let truth = BlurKernel.anisotropicGaussian(lambda1: 3.1, lambda2: 0.9, theta: 0.7).values

  private static func loss(_ outputs: [Float]) -> Double {
    KernelLoss(GaussianShape(outputs).kernel(), truth: truth).total
  }

  /// From three outputs through covariance, kernel and loss and back, against central differences. The loss has edges,
  /// so a step must not cross one: the larger bound allows for the few values that do.
  @Test(arguments: [[0.4, 0.3, 0.2], [-0.3, -0.5, 0.6], [0.9, 0.1, -0.4]])
  func `shape and loss`(outputs: [Double]) {
    let at = outputs.map(Float.init)
    let shape = GaussianShape(at)
    let kernel = shape.kernel()
    let found = shape.backward(kernel, gradient: KernelLoss(kernel, truth: Self.truth).gradient)
    for i in 0..<3 {
      let step: Float = 1e-3
      var (up, down) = (at, at)
      up[i] += step
      down[i] -= step
      let expected = (Self.loss(up) - Self.loss(down)) / Double(up[i] - down[i])
      #expect(abs(Double(found[i]) - expected) < 0.02 * max(1, abs(expected)))
    }
  }
}
