import CLoops
import Numerics

/// Batch norm over all pixels of a batch, then LeakyReLU with slope 0.2: its value, its gradient, its derivative along a
/// direction (tangent), and the gradient of that, which the gradient penalty needs.
///
///     n = (y - mean) r, r = 1 / sqrt(variance + 1e-5), z = gain n + shift, a = max(z, 0.2 z)
///
/// The rectifier is linear in pieces, so the tangent's gradient does not see its kinks. Statistics are means over pixels,
/// one for each channel.
struct LeakyNorm {
  typealias Channels = [Double]
  private static let channels = FeatureBatch.channels, epsilon = 1e-5, slope: Float = 0.2

  private let loops: clayers_table
  private let mean: FloatBuffer, scale: FloatBuffer, shift: FloatBuffer
  private let inverse: Channels, gain: Channels
  /// gain r
  private let factor: Channels

  /// Measures the mean and the variance of every channel of a batch.
  init(_ y: FeatureBatch, gain: UnsafePointer<Float>, shift: UnsafePointer<Float>, _ loops: clayers_table) {
    self.loops = loops
    mean = Self.buffer(Self.moments(y, about: FloatBuffer(Self.channels), loops).plain)
    let (rest, squares) = Self.moments(y, about: mean, loops)
    inverse = zip(squares, rest).map { 1 / (max($0 - $1 * $1, 0) + Self.epsilon).squareRoot() }
    let gains = (0..<Self.channels).map { Double(gain[$0]) }
    factor = zip(gains, inverse).map { $0 * $1 }
    self.gain = gains
    scale = Self.buffer(factor)
    self.shift = Self.buffer((0..<Self.channels).map { Double(shift[$0]) })
  }

  /// The gradient by gain and shift, summed over pixels.
  struct Gradient {
    let gain: Channels, shift: Channels
  }

  /// a from y.
  func forward(_ y: FeatureBatch, to a: FeatureBatch) {
    var by = leaky
    loops.normalise(y.buffer.pointer, y.count, Self.channels, &by, a.buffer.pointer)
  }

  /// Turns d, the gradient by a, into the gradient by y: gain r (h - <h> - n <n h>), where h is d times the slopes.
  func backward(_ d: FeatureBatch, at y: FeatureBatch) -> Gradient {
    let h = means(multiply(d, bySlopesOf: leaky, at: y))
    centre(d, by: h, at: y)
    return Gradient(gain: times(h.normalised, Double(y.count)), shift: times(h.plain, Double(y.count)))
  }

  /// Means over pixels of a quantity: by itself, and times n.
  struct Means {
    let plain: Channels, normalised: Channels
  }

  /// Computes the tangent of a from the tangent of y: da = slope gain r (dy - <dy> - n <n dy>).
  /// - Returns: the means of dy.
  func tangent(at y: FeatureBatch, along dy: FeatureBatch, to da: FeatureBatch) -> Means {
    da.buffer.load(dy.buffer)
    let means = means(multiply(da, bySlopesOf: normalisation(mean, slope: 1), at: y))
    centre(da, by: means, at: y)
    multiply(da, bySlopesOf: leaky, at: y)
    return means
  }

  /// Turns the gradients by the tangent of a (in `h`) and by a itself (in `k`) into those by the tangent of y and by y.
  ///
  /// With h and k times the slopes, c = dy - <dy> - n <n dy>, and <> for means over pixels:
  ///
  ///     by dy: gain r (h - <h> - n <n h>)
  ///     by n:  p = gain k - gain r (h <n dy> + dy <n h>)
  ///     by y:  r (p - <p> - n <n p>) - r^2 gain <h c> n
  func tangentBackward(
    at y: FeatureBatch, along dy: FeatureBatch, means t: Means, h: FeatureBatch, k: FeatureBatch
  ) -> Gradient {
    let hs = means(multiply(h, bySlopesOf: leaky, at: y))
    let ks = means(multiply(k, bySlopesOf: leaky, at: y))
    let middle = Self.buffer(t.plain)
    let along = multiply(h, bySlopesOf: normalisation(middle, slope: 1), at: dy).product
    let channels = 0..<Self.channels
    let hc = channels.map { along[$0] - t.normalised[$0] * hs.normalised[$0] }
    let p = channels.map {
      gain[$0] * ks.plain[$0] - factor[$0]
        * (t.normalised[$0] * hs.plain[$0] + t.plain[$0] * hs.normalised[$0])
    }
    let pn = channels.map {
      gain[$0] * ks.normalised[$0] - 2 * factor[$0] * t.normalised[$0] * hs.normalised[$0]
    }
    let byTangent = channels.map { -inverse[$0] * factor[$0] * hs.normalised[$0] }
    let constant = channels.map { byTangent[$0] * t.plain[$0] - inverse[$0] * p[$0] }
    add(Line(of: dy, about: middle, slope: byTangent, constant: constant), to: k, times: factor)
    let byN = channels.map { -(inverse[$0] * pn[$0] + inverse[$0] * factor[$0] * hc[$0]) * inverse[$0] }
    add(Line(of: y, about: mean, slope: byN, constant: nil), to: k, times: nil)
    let byH = channels.map { -inverse[$0] * factor[$0] * t.normalised[$0] }
    add(Line(of: h, about: FloatBuffer(Self.channels), slope: byH, constant: nil), to: k, times: nil)
    centre(h, by: hs, at: y)
    let count = Double(y.count)
    return Gradient(
      gain: channels.map { (ks.normalised[$0] + inverse[$0] * hc[$0]) * count }, shift: times(ks.plain, count)
    )
  }

  /// d = gain r (d - <d> - n <n d>)
  private func centre(_ d: FeatureBatch, by means: Means, at y: FeatureBatch) {
    let channels = 0..<Self.channels
    let line = Line(
      of: y, about: mean, slope: channels.map { -factor[$0] * inverse[$0] * means.normalised[$0] },
      constant: channels.map { -factor[$0] * means.plain[$0] })
    add(line, to: d, times: factor)
  }

  private func times(_ values: Channels, _ factor: Double) -> Channels { values.map { $0 * factor } }
}

extension LeakyNorm {
  /// slope (y - middle) + constant
  private struct Line {
    let y: FeatureBatch, middle: FloatBuffer
    let slope: Channels, constant: Channels?

    init(of y: FeatureBatch, about middle: FloatBuffer, slope: Channels, constant: Channels?) {
      (self.y, self.middle, self.slope, self.constant) = (y, middle, slope, constant)
    }
  }

  /// d = factor d + line; the factor is 1 where there is none.
  private func add(_ line: Line, to d: FeatureBatch, times factor: Channels?) {
    let ones = Channels(repeating: 1, count: Self.channels)
    let (a, b) = (Self.buffer(factor ?? ones), Self.buffer(line.slope))
    let e = line.constant.map(Self.buffer) ?? FloatBuffer(Self.channels)
    loops.normalise_backward(
      line.y.buffer.pointer, d.count, Self.channels, line.middle.pointer, a.pointer, b.pointer, e.pointer,
      d.buffer.pointer)
  }

  /// The means of what `multiply` gave, where it measured y about its own mean.
  private func means(_ found: (plain: Channels, product: Channels)) -> Means {
    Means(plain: found.plain, normalised: zip(found.product, inverse).map { $0 * $1 })
  }

  /// Multiplies d by the rectifier's slopes at y.
  /// - Returns: the means over pixels of the new d and of d (y - mean), with the mean that `normalisation` has.
  @discardableResult
  private func multiply(
    _ d: FeatureBatch, bySlopesOf normalisation: clayers_normalisation, at y: FeatureBatch
  ) -> (plain: Channels, product: Channels) {
    var by = normalisation
    return Self.means(y) { start, count, plain, product in
      loops.normalise_sums(
        y.buffer.pointer + start, count, Self.channels, &by, d.buffer.pointer + start, plain, product)
    }
  }

  /// The means over pixels of y - middle and of its square.
  private static func moments(
    _ y: FeatureBatch, about middle: FloatBuffer, _ loops: clayers_table
  ) -> (plain: Channels, square: Channels) {
    means(y) { start, count, plain, square in
      loops.moments(y.buffer.pointer + start, count, channels, middle.pointer, plain, square)
    }
  }

  /// Two means over pixels: `add` sums 64 pixels in single precision, and these sums are added in double precision.
  private static func means(
    _ y: FeatureBatch,
    _ add: (
      _ start: Int, _ count: Int, _ one: UnsafeMutablePointer<Float>, _ other: UnsafeMutablePointer<Float>
    ) -> Void
  ) -> (Channels, Channels) {
    let parts = (FloatBuffer(channels), FloatBuffer(channels))
    var sums = (Channels(repeating: 0, count: channels), Channels(repeating: 0, count: channels))
    for pixel in stride(from: 0, to: y.count, by: 64) {
      parts.0.clear()
      parts.1.clear()
      add(pixel * channels, min(64, y.count - pixel), parts.0.pointer, parts.1.pointer)
      for c in 0..<channels {
        sums.0[c] += Double(parts.0.pointer[c])
        sums.1[c] += Double(parts.1.pointer[c])
      }
    }
    let count = Double(y.count)
    return (sums.0.map { $0 / count }, sums.1.map { $0 / count })
  }

  private var leaky: clayers_normalisation { normalisation(mean, slope: Self.slope) }

  private func normalisation(_ mean: FloatBuffer, slope: Float) -> clayers_normalisation {
    clayers_normalisation(mean: mean.pointer, scale: scale.pointer, shift: shift.pointer, slope: slope)
  }

  private static func buffer(_ values: Channels) -> FloatBuffer {
    let buffer = FloatBuffer(values.count)
    for (i, value) in values.enumerated() { buffer.pointer[i] = Float(value) }
    return buffer
  }
}
