import Estimation
import Testing

@Suite struct KernelDoubtTests {
  /// Kernels that do not explain their picture are doubted, on either ground; ordinary ones are not.
  @Test(arguments: [
    (0.05, 0.03, false), (0.3, 0.09, false), (0.4, 0.03, true),
    (0.1, 0.12, true), (0.8, 0.19, true), (0.0, 0.0, false),
  ])
  func whatExplainsNothingIsDoubted(departure: Double, unexplained: Double, isDoubted: Bool) {
    let fit = KernelRefinement.Fit(departure: departure, share: 1, unexplained: unexplained)
    #expect((fit.doubt != nil) == isDoubted)
    if let doubt = fit.doubt { #expect(!doubt.contains("\n") && doubt.contains("11x11")) }
  }
}
