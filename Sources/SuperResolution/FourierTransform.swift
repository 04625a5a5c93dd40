internal import CFFTW
import Numerics
import Synchronization

/// The two-dimensional Fourier transform of real pictures of one size, by FFTW in single precision, and its inverse.
///
/// A spectrum holds (height, width/2 + 1) complex numbers, real and imaginary part in turn; the rest follows from
/// symmetry. Plans are estimated, not measured, since measuring would let the machine's load choose the order of
/// operations and so the last bits of the result.
final class FourierTransform {
  let width: Int, height: Int
  private let forwardPlan: fftwf_plan
  private let inversePlan: fftwf_plan

  /// FFTW's planner, alone of all its functions, is not safe to call from several threads.
  private static let planner = Mutex(())

  /// - Throws: `SuperResolutionError.transform` where FFTW refuses, which needs a lack of memory.
  init(width: Int, height: Int) throws(SuperResolutionError) {
    (self.width, self.height) = (width, height)
    let plans = Self.planner.withLock { _ in Self.plan(width, height) }
    guard let (forward, inverse) = plans else { throw .transform(width: width, height: height) }
    (forwardPlan, inversePlan) = (forward, inverse)
  }

  deinit {
    Self.planner.withLock { _ in
      fftwf_destroy_plan(forwardPlan)
      fftwf_destroy_plan(inversePlan)
    }
  }

  /// Complex numbers in a spectrum's row.
  var spectrumWidth: Int { width / 2 + 1 }

  func makeSpectrum() -> FloatBuffer { FloatBuffer(2 * height * spectrumWidth) }

  /// The spectrum of a plane (height, width). Both, here and in `inverse`, begin at 64-byte borders.
  func forward(_ plane: UnsafeMutablePointer<Float>, into spectrum: FloatBuffer) {
    Self.withComplex(spectrum) { fftwf_execute_dft_r2c(forwardPlan, plane, $0) }
  }

  /// The plane of a spectrum, times width * height; overwrites the spectrum.
  func inverse(_ spectrum: FloatBuffer, into plane: UnsafeMutablePointer<Float>) {
    Self.withComplex(spectrum) { fftwf_execute_dft_c2r(inversePlan, $0, plane) }
  }

  private static func plan(_ width: Int, _ height: Int) -> (fftwf_plan, fftwf_plan)? {
    // Estimating looks at the addresses' alignment alone, so two small buffers stand for all.
    let plane = FloatBuffer(16)
    let spectrum = FloatBuffer(16)
    let (w, h) = (Int32(width), Int32(height))
    return withComplex(spectrum) { spectrum in
      guard let forward = fftwf_plan_dft_r2c_2d(h, w, plane.pointer, spectrum, FFTW_ESTIMATE) else {
        return nil
      }
      guard let inverse = fftwf_plan_dft_c2r_2d(h, w, spectrum, plane.pointer, FFTW_ESTIMATE) else {
        fftwf_destroy_plan(forward)
        return nil
      }
      return (forward, inverse)
    }
  }

  /// Unsafe: FFTW's complex number is two floats in a row, which is how spectra are laid out.
  private static func withComplex<Result>(
    _ spectrum: FloatBuffer, _ body: (UnsafeMutablePointer<fftwf_complex>) -> Result
  ) -> Result {
    spectrum.pointer.withMemoryRebound(to: fftwf_complex.self, capacity: spectrum.count / 2, body)
  }
}
