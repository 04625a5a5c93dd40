import Numerics

/// Batch norm over all pixels of a batch, then LeakyReLU with slope 0.2: its value, its gradient, its derivative along a
/// direction (tangent), and the gradient of that, which the gradient penalty needs.
///
///     n = (y - mean) r, r = 1 / sqrt(variance + 1e-5), z = gain n + shift, a = max(z, 0.2 z)
///
/// The rectifier is linear in pieces, so the tangent's gradient does not see its kinks.
struct LeakyNorm {
  typealias Pixel = FeatureBatch.Pixel
  private static let epsilon: Float = 1e-5, slope: Float = 0.2

  let mean: Pixel, inverse: Pixel
  let gain: Pixel, shift: Pixel

  /// Measures a batch.
  init(_ y: FeatureBatch, gain: Pixel, shift: Pixel) {
    let mean = PixelMeans.of(y, number: 1) { pixel, means in means.add(y[pixel], to: 0) }[0]
    let variance = PixelMeans.of(y, number: 1) { pixel, means in
      let difference = y[pixel] - mean
      means.add(difference * difference, to: 0)
    }[0]
    (self.mean, self.gain, self.shift) = (mean, gain, shift)
    inverse = 1 / (variance + Self.epsilon).squareRoot()
  }

  /// What belongs to gain and shift.
  struct Gradient {
    var gain = Pixel.zero, shift = Pixel.zero
  }

  @inline(__always)
  private func normalised(_ y: Pixel) -> Pixel { (y - mean) * inverse }

  /// 1 or 0.2.
  @inline(__always)
  private func slopes(_ normalised: Pixel) -> Pixel {
    Pixel(repeating: Self.slope).replacing(with: 1, where: normalised * gain + shift .> 0)
  }

  func forward(_ y: FeatureBatch, _ a: FeatureBatch) {
    for pixel in 0..<y.count {
      let n = normalised(y[pixel])
      a[pixel] = (n * gain + shift) * slopes(n)
    }
  }

  /// Turns the gradient by a into the one by y.
  func backward(_ y: FeatureBatch, _ d: FeatureBatch) -> Gradient {
    let means = PixelMeans.of(y, number: 2) { pixel, means in
      let n = normalised(y[pixel])
      let h = d[pixel] * slopes(n)
      d[pixel] = h
      means.add(h, to: 0)
      means.add(h * n, to: 1)
    }
    let factor = gain * inverse
    for pixel in 0..<y.count {
      d[pixel] = factor * (d[pixel] - means[0] - normalised(y[pixel]) * means[1])
    }
    let count = Float(y.count)
    return Gradient(gain: means[1] * count, shift: means[0] * count)
  }

  /// Means of the tangent of y: by itself, and times n.
  struct TangentMeans {
    let plain: Pixel, normalised: Pixel
  }

  /// The tangent of a from the one of y:  da = slope gain r (dy - mean dy - n mean(n dy)).
  func tangent(_ y: FeatureBatch, _ dy: FeatureBatch, _ da: FeatureBatch) -> TangentMeans {
    let means = PixelMeans.of(y, number: 2) { pixel, means in
      means.add(dy[pixel], to: 0)
      means.add(dy[pixel] * normalised(y[pixel]), to: 1)
    }
    let factor = gain * inverse
    for pixel in 0..<y.count {
      let n = normalised(y[pixel])
      da[pixel] = slopes(n) * factor * (dy[pixel] - means[0] - n * means[1])
    }
    return TangentMeans(plain: means[0], normalised: means[1])
  }

  /// Turns the gradients by the tangent of a (in `h`) and by a itself (in `k`) into those by the tangent of y and by y.
  ///
  /// With h and k times the slopes, c = dy - mean dy - n mean(n dy), and <> for means over pixels:
  ///
  ///     by dy: gain r (h - <h> - n <n h>)
  ///     by n:  p = gain k - gain r (h <n dy> + dy <n h>)
  ///     by y:  r (p - <p> - n <n p>) - r^2 gain <h c> n
  func tangentBackward(
    _ y: FeatureBatch, _ dy: FeatureBatch, _ tangent: TangentMeans, h: FeatureBatch, k: FeatureBatch
  ) -> Gradient {
    let means = PixelMeans.of(y, number: 5) { pixel, means in
      let n = normalised(y[pixel])
      let slopes = slopes(n)
      let (hz, kz) = (h[pixel] * slopes, k[pixel] * slopes)
      (h[pixel], k[pixel]) = (hz, kz)
      means.add(hz, to: 0)
      means.add(hz * n, to: 1)
      means.add(hz * dy[pixel], to: 2)
      means.add(kz, to: 3)
      means.add(kz * n, to: 4)
    }
    let (hMean, hn, kMean, kn) = (means[0], means[1], means[3], means[4])
    let hc = means[2] - tangent.plain * hMean - tangent.normalised * hn
    let factor = gain * inverse
    let pMean = gain * kMean - factor * (tangent.normalised * hMean + tangent.plain * hn)
    let pn = gain * kn - 2 * factor * tangent.normalised * hn
    let outer = inverse * factor * hc
    for pixel in 0..<y.count {
      let n = normalised(y[pixel])
      let (hz, kz) = (h[pixel], k[pixel])
      let p = gain * kz - factor * (hz * tangent.normalised + dy[pixel] * hn)
      h[pixel] = factor * (hz - hMean - n * hn)
      k[pixel] = inverse * (p - pMean - n * pn) - outer * n
    }
    let count = Float(y.count)
    return Gradient(gain: (kn + inverse * hc) * count, shift: kMean * count)
  }
}
