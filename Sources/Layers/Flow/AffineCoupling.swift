import Numerics

/// One affine coupling (Dinh, Sohl-Dickstein, Bengio: "Density estimation using Real NVP", ICLR 2017). The features at
/// every second place are kept; two networks s and t of them scale and shift the others:
///
///     u_moved = (x_moved - t(x_kept)) exp(-s(x_kept)),  log |det| = -sum s
///
/// FKP's masked layers of full width give the same numbers: their weights at masked places have no effect.
struct AffineCoupling: Sendable {
  let kept: [Int], moved: [Int]
  private let scale: CouplingNetwork, translation: CouplingNetwork

  init(_ name: String, features: Int, hidden: Int, keepingOdd: Bool, in layout: inout TensorLayout) {
    kept = (0..<features).filter { ($0 % 2 == 1) == keepingOdd }
    moved = (0..<features).filter { ($0 % 2 == 1) != keepingOdd }
    let (inputs, outputs) = (kept.count, moved.count)
    scale = CouplingNetwork(
      name + ".scale", inputs: inputs, hidden: hidden, outputs: outputs, .hyperbolicTangent, in: &layout)
    translation = CouplingNetwork(
      name + ".translation", inputs: inputs, hidden: hidden, outputs: outputs, .rectifier, in: &layout)
  }

  struct Pass {
    fileprivate let scale: CouplingNetwork.Pass, translation: CouplingNetwork.Pass
    /// The factor is exp(-s) in a forward pass and exp(s) in an inverse one. Scaled are the moved features times it,
    /// without the translation.
    fileprivate let factor: Columns, scaled: Columns
  }

  /// Turns x into u.
  /// - Returns: the pass, and the sum of s for each sample, the negative logarithm of the determinant.
  func forward(
    _ x: inout Columns, parameters: UnsafePointer<Double>
  ) -> (pass: Pass, scales: [Double]) {
    let input = x.taking(kept)
    let scales = scale.forward(input, parameters: parameters)
    let translations = translation.forward(input, parameters: parameters)
    var factor = scales.output
    factor.replace { FourExponentials.exponential(-$0) }
    var scaled = x.taking(moved)
    scaled.replace(with: translations.output) { $0 - $1 }
    scaled.replace(with: factor) { $0 * $1 }
    x.put(scaled, at: moved)
    let sums = (0..<x.count).map { sample in
      (0..<moved.count).reduce(0) { $0 + scales.output[$1, sample] }
    }
    return (Pass(scale: scales, translation: translations, factor: factor, scaled: scaled), sums)
  }

  /// Turns the gradient by u into the gradient by x.
  /// - Parameters:
  ///   - byScale: the part of the gradient by every s that comes from the determinant.
  ///   - gradient: receives the parameters' gradient, in the flow's layout; nil where it is not wanted.
  func backward(
    _ d: inout Columns, through pass: Pass, parameters: UnsafePointer<Double>, byScale: Double,
    gradient: UnsafeMutablePointer<Double>?
  ) {
    var moved = d.taking(self.moved)
    var byScales = moved
    byScales.replace(with: pass.scaled) { -$0 * $1 }
    for row in 0..<byScales.rows { for sample in 0..<d.count { byScales[row, sample] += byScale } }
    moved.replace(with: pass.factor) { $0 * $1 }
    var byTranslations = moved
    byTranslations.replace { -$0 }
    d.put(moved, at: self.moved)
    addKept(
      to: &d, through: pass, byScales: byScales, byTranslations: byTranslations, parameters: parameters,
      gradient: gradient)
  }

  /// Turns u into x.
  func inverse(_ u: inout Columns, parameters: UnsafePointer<Double>) -> Pass {
    let input = u.taking(kept)
    let scales = scale.forward(input, parameters: parameters)
    let translations = translation.forward(input, parameters: parameters)
    var factor = scales.output
    factor.replace(FourExponentials.exponential)
    var scaled = u.taking(moved)
    scaled.replace(with: factor) { $0 * $1 }
    var result = scaled
    result.replace(with: translations.output) { $0 + $1 }
    u.put(result, at: moved)
    return Pass(scale: scales, translation: translations, factor: factor, scaled: scaled)
  }

  /// Turns the gradient by x into the gradient by u; parameters are fixed.
  func inverseBackward(_ d: inout Columns, through pass: Pass, parameters: UnsafePointer<Double>) {
    let byTranslations = d.taking(moved)
    var byScales = byTranslations
    byScales.replace(with: pass.scaled) { $0 * $1 }
    var moved = byTranslations
    moved.replace(with: pass.factor) { $0 * $1 }
    d.put(moved, at: self.moved)
    addKept(
      to: &d, through: pass, byScales: byScales, byTranslations: byTranslations, parameters: parameters,
      gradient: nil)
  }

  /// Adds to the kept features' gradient what comes through both networks, under the gradients by their outputs.
  private func addKept(
    to d: inout Columns, through pass: Pass, byScales: Columns, byTranslations: Columns,
    parameters: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) {
    let part =
      d.taking(kept)
      + scale.backward(byScales, through: pass.scale, parameters: parameters, gradient: gradient)
      + translation.backward(
        byTranslations, through: pass.translation, parameters: parameters, gradient: gradient)
    d.put(part, at: kept)
  }
}
