/// Why a picture could not be enlarged.
public enum SuperResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
  case weights(String)
  /// - tensor: the first that is missing or of another shape.
  case otherNetwork(file: String, network: Network, tensor: String)
  /// The enlarger's weights are made for one scale.
  case otherScale(file: String, made: Int, wanted: Int)
  /// The program was moved away from its weights.
  case shippedWeights(scale: Int)
  /// The program was moved away from the judge's weights, or they are not its own.
  case judge(reason: String)
  case numerics(String)
  case scale(Int)
  case noise(Double)
  case kernel(reason: String)
  /// - limit: pixels.
  case tooLarge(width: Int, height: Int, limit: Int)
  case transform(width: Int, height: Int)
  case cancelled

  /// Whose weights a file was taken for.
  public enum Network: Sendable { case usrNet, enlarger }

  public var description: String {
    switch self {
    case .weights(let text), .numerics(let text): text
    case .otherNetwork(let file, .usrNet, let tensor):
      "cannot use weights '\(file)': they are not USRNet-tiny's, tensor '\(tensor)' is missing or of another shape; "
        + "convert the published file with scripts/convert_usrnet.py"
    case .otherNetwork(let file, .enlarger, let tensor):
      "cannot use weights '\(file)': they are not the enlarger's, tensor '\(tensor)' is missing or of another shape; "
        + "make them with scripts/train_enlarger.py, or leave --sr-weights away"
    case .otherScale(let file, let made, let wanted):
      "cannot enlarge by \(wanted) with weights '\(file)': they were trained for scale \(made); use that scale, or leave "
        + "--sr-weights away"
    case .shippedWeights(let scale):
      "cannot find the enlarger's weights for scale \(scale) beside the program; install it with its folder "
        + "metakernelgan_SuperResolution.resources, or use --sr-weights closed-form"
    case .judge(let reason):
      "cannot judge how far an enlarged picture can be trusted: \(reason); install the program with its folder "
        + "metakernelgan_SuperResolution.resources, or use --fidelity off"
    case .scale(let scale):
      "cannot enlarge by \(scale): use a scale of 2, 3 or 4"
    case .noise(let noise):
      "cannot enlarge with a noise level of \(noise): give its standard deviation as 0 to 255 levels"
    case .kernel(let reason):
      "cannot enlarge with this kernel: \(reason); give a blur kernel whose values sum to about 1"
    case .tooLarge(let width, let height, let limit):
      "cannot enlarge to \(width)x\(height): more than \(limit / 1_000_000) megapixels; "
        + "crop the picture or lower the scale"
    case .transform(let width, let height):
      "cannot enlarge to \(width)x\(height): FFTW made no Fourier transform of that size; crop the picture"
    case .cancelled: "the enlargement was cancelled"
    }
  }
}
