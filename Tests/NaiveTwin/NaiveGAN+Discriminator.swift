extension NaiveGAN {
  /// What one call of the discriminator leaves for the backward pass. Rows are (patch, row, column).
  public struct Judgement {
    /// sigmoid of the last layer, (rows)
    public var output: [Double] = []
    /// normalised values before the ReLU of layers 2...6, (rows, 64)
    public var preactivations: [[Double]] = []
    /// which units of layers 2...6 count as active
    public var masks: [[Bool]] = []
    var normalisedWeights: [[Double]] = []
    var sigmas: [Double] = []
    /// u and v of the seven layers, as this call left and used them
    var us: [[Double]] = [], vs: [[Double]] = []
    var images: [Double] = []
    /// input of layers 2...7, (rows, 64)
    var inputs: [[Double]] = []
    /// (y - mean) / deviation of layers 2...6, and 1 / deviation a channel
    var normalised: [[Double]] = [], inverses: [[Double]] = []
  }

  public var mapSide: Int { patchSide - 6 }

  /// D on images (patches, 3, side, side): advances u and v. `masks`, where given, replaces which units of layers
  /// 2...6 are active.
  public mutating func judge(_ images: [Double], masks: [[Bool]]? = nil) -> Judgement {
    var call = Judgement()
    call.images = images
    for l in 1...7 { normaliseWeight(l, &call) }
    var x = firstLayer(images, call.normalisedWeights[0])
    for l in 2...6 {
      call.inputs.append(x)
      let y = linear(
        x, weight: call.normalisedWeights[l - 1], bias: tensors["discriminator.conv\(l).bias", default: []])
      let z = batchNorm(y, layer: l, &call)
      let mask = masks?[l - 2] ?? z.map { $0 > 0 }
      call.preactivations.append(z)
      call.masks.append(mask)
      x = zip(z, mask).map { $1 ? $0 : 0 }
    }
    call.inputs.append(x)
    let logits = linear(
      x, weight: call.normalisedWeights[6], bias: tensors["discriminator.conv7.bias", default: []])
    call.output = logits.map { 1 / (1 + exponential(-$0)) }
    return call
  }

  /// One power iteration on every layer, as a call would do.
  public mutating func advanceSpectralVectors() {
    var call = Judgement()
    for l in 1...7 { normaliseWeight(l, &call) }
  }

  private mutating func normaliseWeight(_ l: Int, _ call: inout Judgement) {
    let w = weight("discriminator", l)
    let name = "discriminator.conv\(l)"
    var u = tensors[name + ".u", default: []]
    var v = tensors[name + ".v", default: []]
    let columns = v.count
    for j in v.indices { v[j] = u.indices.reduce(0) { $0 + w[$1 * columns + j] * u[$1] } }
    v = unitLength(v)
    let wv = u.indices.map { i in v.indices.reduce(0) { $0 + w[i * columns + $1] * v[$1] } }
    u = unitLength(wv)
    let sigma = zip(u, wv).reduce(0) { $0 + $1.0 * $1.1 }
    tensors[name + ".u"] = u
    tensors[name + ".v"] = v
    call.us.append(u)
    call.vs.append(v)
    call.sigmas.append(sigma)
    call.normalisedWeights.append(w.map { $0 / sigma })
  }

  private func unitLength(_ x: [Double]) -> [Double] {
    let length = max(x.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
    return x.map { $0 / length }
  }

  private func firstLayer(_ images: [Double], _ w: [Double]) -> [Double] {
    let bias = tensors["discriminator.conv1.bias", default: []]
    let rows = images.count / (Self.colours * patchSide * patchSide) * mapSide * mapSide
    var y = (0..<rows).flatMap { _ in bias }
    forEachWindow(rows) { row, tap, pixel in
      for o in 0..<Self.width { y[row * Self.width + o] += w[o * 147 + tap] * images[pixel] }
    }
    return y
  }

  /// Every sample under the window of a row; `tap` counts (colour, row, column).
  private func forEachWindow(_ rows: Int, _ body: (_ row: Int, _ tap: Int, _ pixel: Int) -> Void) {
    let m = mapSide
    let s = patchSide
    for row in 0..<rows {
      let patch = row / (m * m)
      let y = row / m % m
      let x = row % m
      for tap in 0..<147 {
        let plane = patch * Self.colours + tap / 49
        body(row, tap, (plane * s + y + tap / 7 % 7) * s + x + tap % 7)
      }
    }
  }

  private func linear(_ x: [Double], weight w: [Double], bias: [Double]) -> [Double] {
    let n = x.count / Self.width
    var y = [Double](repeating: 0, count: n * bias.count)
    for row in 0..<n {
      for o in bias.indices {
        var sum = bias[o]
        for i in 0..<Self.width { sum += w[o * Self.width + i] * x[row * Self.width + i] }
        y[row * bias.count + o] = sum
      }
    }
    return y
  }

  private func batchNorm(_ y: [Double], layer l: Int, _ call: inout Judgement) -> [Double] {
    let n = y.count / Self.width
    let scale = tensors["discriminator.norm\(l).weight", default: []]
    let shift = tensors["discriminator.norm\(l).bias", default: []]
    var normalised = y
    var inverses: [Double] = []
    var z = y
    for c in 0..<Self.width {
      let channel = (0..<n).map { y[$0 * Self.width + c] }
      let mean = channel.reduce(0, +) / Double(n)
      let variance = channel.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
      let inverse = 1 / (variance + 1e-5).squareRoot()
      inverses.append(inverse)
      for row in 0..<n {
        normalised[row * Self.width + c] = (channel[row] - mean) * inverse
        z[row * Self.width + c] = normalised[row * Self.width + c] * scale[c] + shift[c]
      }
    }
    call.normalised.append(normalised)
    call.inverses.append(inverses)
    return z
  }
}
