public import Numerics

/// FKP's normalising flow (Liang, Zhang, Gu, Van Gool, Timofte: "Flow-based kernel prior with application to blind
/// super-resolution", CVPR 2021): five blocks of an affine coupling and a batch norm between vectors x and latent vectors
/// u, whose distribution is the standard normal one. Both directions can be differentiated.
public struct CouplingFlow: Sendable {
  /// The length of a vector x and of its latent vector u.
  public let features: Int
  /// The width of both hidden layers of the couplings' networks.
  public let hidden: Int
  /// Names, shapes and places of the parameters, which training changes.
  public let layout: TensorLayout
  /// The parameters' values, in the order of `layout`.
  public var parameters: [Double]
  /// Running means and variances of the batch norms, (blocks, 2, features), means first.
  public var statistics: [Double]

  private let blocks: [(coupling: AffineCoupling, norm: FlowNormalisation)]

  /// Creates a flow whose parameters are 0, whose running means are 0 and whose running variances are 1.
  public init(features: Int, hidden: Int, blocks count: Int = 5) {
    (self.features, self.hidden) = (features, hidden)
    var layout = TensorLayout()
    blocks = (0..<count).map { index in
      let name = "flow.block\(index + 1)"
      let coupling = AffineCoupling(
        name, features: features, hidden: hidden, keepingOdd: index % 2 == 0, in: &layout)
      let norm = FlowNormalisation(
        name + ".norm", features: features, statistics: 2 * features * index, in: &layout)
      return (coupling, norm)
    }
    self.layout = layout
    parameters = [Double](repeating: 0, count: layout.count)
    let ones = [Double](repeating: 1, count: features)
    statistics = (0..<count).flatMap { _ in ones.map { _ in 0 } + ones }
  }

  /// Initialises a flow as PyTorch does: weights and biases are uniform on +-1/sqrt(fan-in), where the first layer's
  /// fan-in counts the masked features as well; the parameters of batch norms are 0.
  /// - Parameter key: of the draws. Equal keys give equal bytes.
  package init(features: Int, hidden: Int, freshFrom key: UInt64) {
    self.init(features: features, hidden: hidden)
    var random = Philox(key: Philox.key(key, .initialisation))
    for entry in layout.entries where !entry.name.contains(".norm.") {
      let bound = 1 / Double(entry.name.contains("layer1") ? features : hidden).squareRoot()
      for i in entry.range { parameters[i] = random.uniform(in: -bound..<bound) }
    }
  }
}

extension CouplingFlow {
  /// What `backward` needs of a forward pass.
  package struct Pass {
    fileprivate let couplings: [AffineCoupling.Pass]
    fileprivate let norms: [FlowNormalisation.Pass]
    /// u (features, samples).
    package let latent: Columns
    /// log |du/dx| of each sample.
    package let logDeterminants: [Double]

    /// -log p(x) of each sample, in nats.
    package var negativeLogLikelihoods: [Double] {
      let constant = 0.5 * Double(latent.rows) * 1.8378770664093453  // log(2 pi)
      return (0..<latent.count).map { sample in
        let squares = latent.sample(sample).reduce(0) { $0 + $1 * $1 }
        return constant + 0.5 * squares - logDeterminants[sample]
      }
    }
  }

  /// Maps vectors x, (features, samples), to latent vectors, with the running statistics.
  package func forward(_ x: Columns) -> Pass {
    var copy = self
    return copy.forward(x, updating: false)
  }

  /// Maps vectors x, (features, samples), to latent vectors with the batch's own statistics, and moves the running
  /// ones.
  /// - Precondition: there are at least two samples.
  package mutating func trainingForward(_ x: Columns) -> Pass { forward(x, updating: true) }

  private mutating func forward(_ x: Columns, updating: Bool) -> Pass {
    var (u, scales, logarithm) = (x, [Double](repeating: 0, count: x.count), 0.0)
    var couplings: [AffineCoupling.Pass] = []
    var norms: [FlowNormalisation.Pass] = []
    parameters.withUnsafeBufferPointer { parameters in
      // Unsafe: the blocks read inside the layout, which `parameters` fills.
      guard let values = parameters.baseAddress else { return }
      for block in blocks {
        let (coupling, sums) = block.coupling.forward(&u, parameters: values)
        let (norm, part) = block.norm.forward(
          &u, parameters: values, statistics: &statistics, updating: updating)
        for i in sums.indices { scales[i] += sums[i] }
        logarithm += part
        couplings.append(coupling)
        norms.append(norm)
      }
    }
    return Pass(
      couplings: couplings, norms: norms, latent: u, logDeterminants: scales.map { logarithm - $0 })
  }

  /// The gradient of a loss by x, (features, samples).
  /// - Parameters:
  ///   - pass: the forward pass.
  ///   - latent: the loss's gradient by u, (features, samples).
  ///   - byLogDeterminant: its derivative by each sample's log |du/dx|, the same for all.
  ///   - gradient: receives the gradient by the parameters, in the order of `layout`; nil where it is not wanted.
  package func backward(
    _ pass: Pass, _ latent: Columns, byLogDeterminant: Double, gradient: UnsafeMutablePointer<Double>?
  ) -> Columns {
    var d = latent
    parameters.withUnsafeBufferPointer { parameters in
      // Unsafe: as in `forward`.
      guard let values = parameters.baseAddress else { return }
      for (index, block) in blocks.enumerated().reversed() {
        block.norm.backward(
          &d, through: pass.norms[index], parameters: values,
          byLogarithm: byLogDeterminant * Double(d.count), gradient: gradient)
        block.coupling.backward(
          &d, through: pass.couplings[index], parameters: values, byScale: -byLogDeterminant,
          gradient: gradient)
      }
    }
    return d
  }

  /// The mean negative log-likelihood of a batch (features, samples), in nats, and its gradient by the parameters.
  /// Moves the running statistics.
  /// - Precondition: there are at least two samples.
  package mutating func trainingLoss(_ x: Columns) -> (loss: Double, gradient: [Double]) {
    let pass = trainingForward(x)
    let share = 1 / Double(x.count)
    var d = pass.latent
    // The padding of a gradient is 0.
    for row in 0..<d.rows {
      for at in 0..<d.stride { d.values[row * d.stride + at] *= at < d.count ? share : 0 }
    }
    var gradient = [Double](repeating: 0, count: parameters.count)
    gradient.withUnsafeMutableBufferPointer { gradient in
      _ = backward(pass, d, byLogDeterminant: -share, gradient: gradient.baseAddress)
    }
    return (pass.negativeLogLikelihoods.reduce(0, +) * share, gradient)
  }
}

extension CouplingFlow {
  /// What `inverseBackward` needs of an inverse pass.
  package struct InversePass {
    /// In the order of the blocks, of which the last is undone first.
    fileprivate let couplings: [AffineCoupling.Pass]
    /// (features, samples).
    package let result: Columns
  }

  /// Maps latent vectors, (features, samples), to vectors x, with the running statistics.
  package func inverse(_ latent: Columns) -> InversePass {
    var x = latent
    var couplings: [AffineCoupling.Pass] = []
    parameters.withUnsafeBufferPointer { parameters in
      // Unsafe: as in `forward`.
      guard let values = parameters.baseAddress else { return }
      for block in blocks.reversed() {
        block.norm.inverse(&x, parameters: values, statistics: statistics)
        couplings.append(block.coupling.inverse(&x, parameters: values))
      }
    }
    return InversePass(couplings: couplings.reversed(), result: x)
  }

  /// The gradient of a loss by the latent vectors, (features, samples); parameters are fixed.
  /// - Parameters:
  ///   - pass: the inverse pass.
  ///   - result: the loss's gradient by x, (features, samples).
  package func inverseBackward(_ pass: InversePass, _ result: Columns) -> Columns {
    var d = result
    parameters.withUnsafeBufferPointer { parameters in
      // Unsafe: as in `forward`.
      guard let values = parameters.baseAddress else { return }
      for (block, coupling) in zip(blocks, pass.couplings) {
        block.coupling.inverseBackward(&d, through: coupling, parameters: values)
        block.norm.inverseBackward(&d, parameters: values, statistics: statistics)
      }
    }
    return d
  }
}
