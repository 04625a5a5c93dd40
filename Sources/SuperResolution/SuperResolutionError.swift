/// Why a picture could not be enlarged.
public enum SuperResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
  case weights(String)
  case otherNetwork(file: String, tensor: String)
  case numerics(String)
  case scale(Int)
  case noise(Double)
  case kernel(reason: String)
  case tooLarge(width: Int, height: Int)
  case transform(width: Int, height: Int)

  public var description: String {
    switch self {
    case .weights(let text), .numerics(let text): text
    case .otherNetwork(let file, let tensor):
      "cannot use weights '\(file)': they are not USRNet-tiny's, tensor '\(tensor)' is missing or of another shape; "
        + "convert the published file with scripts/convert_usrnet.py"
    case .scale(let scale):
      "cannot enlarge by \(scale): use a scale of 2, 3 or 4"
    case .noise(let noise):
      "cannot enlarge with a noise level of \(noise): give its standard deviation as 0 to 255 levels"
    case .kernel(let reason):
      "cannot enlarge with this kernel: \(reason); give a blur kernel whose values sum to about 1"
    case .tooLarge(let width, let height):
      "cannot enlarge to \(width)x\(height): more than \(SuperResolver.maximumPixels / 1_000_000) megapixels; "
        + "crop the picture or lower the scale"
    case .transform(let width, let height):
      "cannot enlarge to \(width)x\(height): FFTW made no Fourier transform of that size; crop the picture"
    }
  }
}
