extension NaiveGAN {
  /// Channels after generator layer `l`; 0 is its input.
  func generatorChannels(_ l: Int) -> Int { l == 0 || l == 6 ? 1 : Self.width }

  /// tails[l] is what layers l + 1 ... 6 do together, (channels after l, side, side); tails[0] is the kernel.
  public func tails() -> [[Double]] {
    var tails = [[Double]](repeating: [1], count: 7)
    for l in (1...6).reversed() { tails[l - 1] = compose(tails[l], layer: l) }
    return tails
  }

  public var kernel: [Double] { tails()[0] }

  func tailSide(_ l: Int) -> Int { generatorKernels[l...].reduce(1) { $0 + $1 - 1 } }

  private func compose(_ tail: [Double], layer l: Int) -> [Double] {
    let side = tailSide(l - 1)
    let w = weight("generator", l)
    var out = [Double](repeating: 0, count: generatorChannels(l - 1) * side * side)
    forEachProduct(layer: l) { tailIndex, weightIndex, outIndex in
      out[outIndex] += tail[tailIndex] * w[weightIndex]
    }
    return out
  }

  /// Gradients of the six weights from that of the kernel.
  public func collapseBackward(_ dkernel: [Double]) -> Gradient {
    let tails = tails()
    var gradient: Gradient = [:]
    var dtail = dkernel
    for l in 1...6 {
      let w = weight("generator", l)
      let tail = tails[l]
      var dw = [Double](repeating: 0, count: w.count)
      var dnext = [Double](repeating: 0, count: tail.count)
      forEachProduct(layer: l) { tailIndex, weightIndex, outIndex in
        dw[weightIndex] += tail[tailIndex] * dtail[outIndex]
        dnext[tailIndex] += w[weightIndex] * dtail[outIndex]
      }
      gradient["generator.conv\(l).weight"] = dw
      dtail = dnext
    }
    return gradient
  }

  /// Every product of a value of tails[l] with one of layer l's weight, and where it adds up in tails[l - 1].
  private func forEachProduct(layer l: Int, _ body: (Int, Int, Int) -> Void) {
    let p = tailSide(l)
    let q = generatorKernels[l - 1]
    let side = p + q - 1
    let outputs = generatorChannels(l)
    let inputs = generatorChannels(l - 1)
    for o in 0..<outputs {
      for i in 0..<inputs {
        for a in 0..<p * p {
          for b in 0..<q * q {
            let at = (i * side + a / p + b / q) * side + a % p + b % q
            body(o * p * p + a, (o * inputs + i) * q * q + b, at)
          }
        }
      }
    }
  }

  /// Six convolutions one after the other over a square plane, the last with stride 2.
  public func layered(_ plane: [Double], side: Int) -> [Double] {
    var x = plane
    var n = side
    for l in 1...6 {
      let q = generatorKernels[l - 1]
      let stride = l == 6 ? 2 : 1
      let m = (n - q) / stride + 1
      let w = weight("generator", l)
      let inputs = generatorChannels(l - 1)
      var y = [Double](repeating: 0, count: generatorChannels(l) * m * m)
      for o in 0..<generatorChannels(l) {
        for i in 0..<inputs {
          for r in 0..<m {
            for c in 0..<m {
              for b in 0..<q * q {
                y[(o * m + r) * m + c] +=
                  w[(o * inputs + i) * q * q + b] * x[(i * n + stride * r + b / q) * n + stride * c + b % q]
              }
            }
          }
        }
      }
      (x, n) = (y, m)
    }
    return x
  }

  /// G applied to regions (patches, 3, inputSide, inputSide) by its collapsed kernel.
  public func generate(_ regions: [Double], kernel: [Double]) -> [Double] {
    let planes = regions.count / (inputSide * inputSide)
    let s = patchSide
    var out = [Double](repeating: 0, count: planes * s * s)
    forEachTap(planes) { region, tap, pixel in out[pixel] += kernel[tap] * regions[region] }
    return out
  }

  public func generateBackward(_ regions: [Double], _ dout: [Double]) -> [Double] {
    var dkernel = [Double](repeating: 0, count: kernelSide * kernelSide)
    forEachTap(regions.count / (inputSide * inputSide)) { region, tap, pixel in
      dkernel[tap] += dout[pixel] * regions[region]
    }
    return dkernel
  }

  private func forEachTap(_ planes: Int, _ body: (_ region: Int, _ tap: Int, _ pixel: Int) -> Void) {
    let k = kernelSide
    let s = patchSide
    let n = inputSide
    for plane in 0..<planes {
      for y in 0..<s {
        for x in 0..<s {
          for a in 0..<k {
            for b in 0..<k {
              body((plane * n + 2 * y + a) * n + 2 * x + b, a * k + b, (plane * s + y) * s + x)
            }
          }
        }
      }
    }
  }
}
