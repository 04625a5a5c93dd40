extension NaiveGAN {
  /// From the gradient by the outputs to that by the images, and to that by every parameter, added to `gradient`.
  public func judgeBackward(_ call: Judgement, by doutput: [Double], addingTo gradient: inout Gradient)
    -> [Double]
  {
    let dlogits = zip(doutput, call.output).map { $0 * $1 * (1 - $1) }
    var d = linearBackward(layer: 7, by: dlogits, call, addingTo: &gradient)
    for l in (2...6).reversed() {
      d = zip(d, call.masks[l - 2]).map { $1 ? $0 : 0 }
      d = batchNormBackward(layer: l, by: d, call, addingTo: &gradient)
      d = linearBackward(layer: l, by: d, call, addingTo: &gradient)
    }
    return firstLayerBackward(by: d, call, addingTo: &gradient)
  }

  private func linearBackward(
    layer l: Int, by dy: [Double], _ call: Judgement, addingTo gradient: inout Gradient
  )
    -> [Double]
  {
    let x = call.inputs[l - 2]
    let w = call.normalisedWeights[l - 1]
    let outputs = w.count / Self.width
    let n = x.count / Self.width
    var dw = [Double](repeating: 0, count: w.count)
    var db = [Double](repeating: 0, count: outputs)
    var dx = [Double](repeating: 0, count: x.count)
    for row in 0..<n {
      for o in 0..<outputs {
        let g = dy[row * outputs + o]
        db[o] += g
        for i in 0..<Self.width {
          dw[o * Self.width + i] += g * x[row * Self.width + i]
          dx[row * Self.width + i] += g * w[o * Self.width + i]
        }
      }
    }
    addWeight(layer: l, by: dw, bias: db, call, addingTo: &gradient)
    return dx
  }

  private func firstLayerBackward(by dy: [Double], _ call: Judgement, addingTo gradient: inout Gradient)
    -> [Double]
  {
    let w = call.normalisedWeights[0]
    let m = mapSide
    let s = patchSide
    var dw = [Double](repeating: 0, count: w.count)
    var db = [Double](repeating: 0, count: Self.width)
    var dimages = [Double](repeating: 0, count: call.images.count)
    for row in 0..<dy.count / Self.width {
      let patch = row / (m * m)
      let y = row / m % m
      let x = row % m
      for o in 0..<Self.width {
        let g = dy[row * Self.width + o]
        db[o] += g
        for tap in 0..<147 {
          let pixel = ((patch * Self.colours + tap / 49) * s + y + tap / 7 % 7) * s + x + tap % 7
          dw[o * 147 + tap] += g * call.images[pixel]
          dimages[pixel] += g * w[o * 147 + tap]
        }
      }
    }
    addWeight(layer: 1, by: dw, bias: db, call, addingTo: &gradient)
    return dimages
  }

  /// Adds the gradients of layer l's weight (through sigma, u and v constant) and bias.
  private func addWeight(
    layer l: Int, by dnormalised: [Double], bias dbias: [Double], _ call: Judgement,
    addingTo gradient: inout Gradient
  ) {
    let sigma = call.sigmas[l - 1]
    let u = call.us[l - 1]
    let v = call.vs[l - 1]
    let projection = zip(dnormalised, call.normalisedWeights[l - 1]).reduce(0) { $0 + $1.0 * $1.1 }
    let dw = dnormalised.indices.map {
      (dnormalised[$0] - projection * u[$0 / v.count] * v[$0 % v.count]) / sigma
    }
    add(dw, to: "discriminator.conv\(l).weight", &gradient)
    add(dbias, to: "discriminator.conv\(l).bias", &gradient)
  }

  private func batchNormBackward(
    layer l: Int, by dz: [Double], _ call: Judgement, addingTo gradient: inout Gradient
  ) -> [Double] {
    let scale = tensors["discriminator.norm\(l).weight", default: []]
    let normalised = call.normalised[l - 2]
    let n = dz.count / Self.width
    var dscale: [Double] = []
    var dshift: [Double] = []
    var dy = dz
    for c in 0..<Self.width {
      let places = stride(from: c, to: dz.count, by: Self.width)
      let sum = places.reduce(0) { $0 + dz[$1] }
      let product = places.reduce(0) { $0 + dz[$1] * normalised[$1] }
      dshift.append(sum)
      dscale.append(product)
      for i in places {
        let centred = dz[i] - sum / Double(n) - normalised[i] * product / Double(n)
        dy[i] = scale[c] * call.inverses[l - 2][c] * centred
      }
    }
    add(dscale, to: "discriminator.norm\(l).weight", &gradient)
    add(dshift, to: "discriminator.norm\(l).bias", &gradient)
    return dy
  }

  func add(_ values: [Double], to name: String, _ gradient: inout Gradient) {
    gradient[name] = gradient[name].map { zip($0, values).map(+) } ?? values
  }
}
