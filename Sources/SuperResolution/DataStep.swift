import BlurKernels
import Numerics

/// The part of super-resolution that knows the picture and its kernel (USRNet's data module, Zhang, Van Gool, Timofte
/// 2020, eq. 7): of all enlarged pictures x the one that minimises |y - S(k * x)|^2 + alpha |x - z|^2, where S keeps
/// every `scale`-th pixel and the border is circular.
///
/// Computed as x = z + Ht (H Ht + alpha)^-1 (y - H z), H = S k, which the paper's formula turns into by the matrix
/// inversion lemma. It has no difference of large numbers over alpha, so that a tiny alpha costs no digits, and it needs
/// the picture's spectrum at its own size only. H Ht is diagonal in the Fourier domain: frequencies that S folds onto
/// each other are summed.
package final class DataStep {
  private let scale: Int
  /// Of the enlarged size, and of the picture's own.
  private let large: FourierTransform, small: FourierTransform
  /// Spectrum of the convolution kernel, centred on pixel (0, 0).
  private let kernel: FloatBuffer
  /// H Ht, (small.height, small.spectrumWidth).
  private let power: FloatBuffer
  /// Of the picture's three planes.
  private let picture: [FloatBuffer]
  private let spectrum: FloatBuffer
  private let folded: FloatBuffer

  /// - Parameters:
  ///   - picture: y, in its frame.
  ///   - kernel: a cross-correlation kernel of any size; one larger than the picture wraps around.
  package init(_ picture: Planes, kernel: BlurKernel, scale: Int) throws(SuperResolutionError) {
    self.scale = scale
    small = try FourierTransform(width: picture.width, height: picture.height)
    large = try FourierTransform(width: scale * picture.width, height: scale * picture.height)
    spectrum = large.makeSpectrum()
    folded = small.makeSpectrum()
    self.kernel = large.makeSpectrum()
    self.picture = [small.makeSpectrum(), small.makeSpectrum(), small.makeSpectrum()]
    power = FloatBuffer(small.height * small.spectrumWidth)
    transform(kernel)
    for channel in 0..<3 { small.forward(picture.plane(channel), into: self.picture[channel]) }
  }

  /// Replaces z by x, plane by plane.
  package func run(_ planes: Planes, alpha: Float) { run(planes, alpha: alpha, check: {}) }

  /// As `run(_:alpha:)`.
  /// - Parameter check: called before each plane; what it throws ends the work.
  func run<Stop: Error>(_ planes: Planes, alpha: Float, check: () throws(Stop) -> Void) throws(Stop) {
    for channel in 0..<3 {
      try check()
      large.forward(planes.plane(channel), into: spectrum)
      fold { kernel, value in kernel * value }
      correct(picture[channel], alpha)
      unfold()
      large.inverse(spectrum, into: planes.plane(channel))
    }
  }

  /// A correlation kernel, turned by 180 degrees, is the convolution kernel of the same blur; turning puts its middle
  /// from side/2 (rounded down) to (side - 1) / 2, and so it goes to the plane with the signs changed.
  private func transform(_ blur: BlurKernel) {
    let plane = FloatBuffer(large.width * large.height)
    let middle = blur.side / 2
    for row in 0..<blur.side {
      for column in 0..<blur.side {
        let y = modulo(middle - row, large.height)
        let x = modulo(middle - column, large.width)
        plane.pointer[y * large.width + x] += Float(blur[row, column])
      }
    }
    large.forward(plane.pointer, into: kernel)
    fold { kernel, _ in Complex(re: kernel.re * kernel.re + kernel.im * kernel.im, im: 0) }
    for index in 0..<power.count { power.pointer[index] = folded.pointer[2 * index] }
  }

  /// folded = (y - folded) / (H Ht + alpha)
  private func correct(_ picture: FloatBuffer, _ alpha: Float) {
    for index in 0..<power.count {
      let share = 1 / (power.pointer[index] + alpha)
      for part in 2 * index...2 * index + 1 {
        folded.pointer[part] = (picture.pointer[part] - folded.pointer[part]) * share
      }
    }
  }
}

// MARK: frequencies that fold onto each other

extension DataStep {
  /// folded[u, v] = the mean of `term` over the scale * scale frequencies (u + a h, v + b w). Those in the half that is
  /// not stored are the stored ones' conjugates.
  @inline(__always)
  private func fold(_ term: (_ kernel: Complex, _ value: Complex) -> Complex) {
    let (h, w) = (small.height, small.width)
    let share = 1 / Float(scale * scale)
    folded.clear()
    for row in 0..<large.height {
      let target = row % h * small.spectrumWidth
      for b in 0..<scale {
        let mirrored = 2 * b >= scale
        let start =
          mirrored
          ? (large.height - row) % large.height * large.spectrumWidth + (scale - b) * w
          : row * large.spectrumWidth + b * w
        let (step, sign): (Int, Float) = mirrored ? (-1, -1) : (1, 1)
        for v in 0..<small.spectrumWidth {
          let source = start + step * v
          let value = term(Complex(kernel, source), Complex(spectrum, source))
          folded.pointer[2 * (target + v)] += share * value.re
          folded.pointer[2 * (target + v) + 1] += share * sign * value.im
        }
      }
    }
  }

  /// spectrum = (spectrum + conjugate(kernel) * folded) / (width * height), `folded` repeated to all frequencies.
  private func unfold() {
    let (h, w) = (small.height, small.width)
    let share = 1 / Float(large.width * large.height)
    for row in 0..<large.height {
      let (direct, mirrored) = (
        row % h * small.spectrumWidth, (h - row % h) % h * small.spectrumWidth
      )
      for column in 0..<large.spectrumWidth {
        let index = row * large.spectrumWidth + column
        let v = column % w
        let inHalf = v < small.spectrumWidth
        let r = Complex(folded, inHalf ? direct + v : mirrored + w - v)
        let k = Complex(kernel, index)
        let im = inHalf ? r.im : -r.im
        let target = spectrum.pointer + 2 * index
        target[0] = (target[0] + k.re * r.re + k.im * im) * share
        target[1] = (target[1] + k.re * im - k.im * r.re) * share
      }
    }
  }

  private struct Complex {
    let re: Float, im: Float

    init(re: Float, im: Float) { (self.re, self.im) = (re, im) }

    init(_ spectrum: FloatBuffer, _ index: Int) {
      (re, im) = (spectrum.pointer[2 * index], spectrum.pointer[2 * index + 1])
    }

    static func * (a: Complex, b: Complex) -> Complex {
      Complex(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
    }
  }
}
