import Numerics

/// Spectral normalisation of one layer (Miyato et al. 2018): the weight as an (O, I) matrix over its largest
/// singular value, tracked by one power iteration at every forward pass. Offsets point into a state.
struct SpectralNorm {
  let rows: Int, columns: Int
  let weight: Int, u: Int, v: Int
  static let epsilon: Float = 1e-12

  init(layer: Int, of architecture: Architecture) {
    let layout = architecture.layout
    guard let weight = layout["discriminator.conv\(layer).weight"],
      let u = layout["discriminator.conv\(layer).u"],
      let v = layout["discriminator.conv\(layer).v"]
    else { preconditionFailure("no layer \(layer)") }
    (rows, columns) = (u.count, v.count)
    (self.weight, self.u, self.v) = (weight.offset, u.offset, v.offset)
  }

  /// Advances v = normalise(transpose(W) u), then u = normalise(W v), in `state`, and returns sigma =
  /// transpose(u) W v. `scratch` holds at least `rows` floats.
  func iterate(_ state: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, unit: VectorUnit)
    -> Float
  {
    let w = state + weight
    let u = state + u
    let v = state + v
    unit.loops.combine_rows(w, rows, u, columns, v)
    normalise(v, count: columns, from: v, unit)
    unit.loops.row_dots(w, rows, v, 1, columns, scratch)
    normalise(u, count: rows, from: scratch, unit)
    return unit.loops.dot(u, scratch, rows)
  }

  /// The gradient by W from `dnormalised`, the gradient by W / sigma, added to `gradient`: u and v count as
  /// constants. (dW/sigma = (dN - <dN, W/sigma> u transpose(v)) / sigma.)
  func backward(
    _ dnormalised: UnsafePointer<Float>, sigma: Float, state: UnsafePointer<Float>,
    addingTo gradient: UnsafeMutablePointer<Float>, unit: VectorUnit
  ) {
    let projection = unit.loops.dot(dnormalised, state + weight, rows * columns) / sigma
    unit.loops.add_scaled_outer(
      gradient + weight, dnormalised, 1 / sigma, rows, state + u, -projection / sigma, state + v, columns)
  }

  private func normalise(
    _ x: UnsafeMutablePointer<Float>, count n: Int, from y: UnsafePointer<Float>, _ unit: VectorUnit
  ) {
    let length = max(unit.loops.dot(y, y, n).squareRoot(), Self.epsilon)
    unit.loops.scale(x, y, 1 / length, n)
  }
}

extension NetworkState {
  /// One power iteration on every layer of the discriminator, as a forward pass would do.
  package func advanceSpectralVectors(_ unit: VectorUnit) {
    let scratch = FloatBuffer(Architecture.width)
    for layer in 1...Architecture.discriminatorLayers {
      let norm = SpectralNorm(layer: layer, of: architecture)
      _ = norm.iterate(buffer.pointer, scratch: scratch.pointer, unit: unit)
    }
  }
}
