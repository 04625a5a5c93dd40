import Estimation

/// What can go wrong between a picture and its restored one that no module below names.
public enum RestorationError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknownMethod(String)
  case scale(Int)
  case kernelScale(Int)
  case noEnlarger

  public var description: String {
    switch self {
    case .unknownMethod(let name):
      "--method knows \(EstimationMethods.all.map { $0.name }.joined(separator: ", ")), not '\(name)'."
    case .scale(let scale):
      "cannot enlarge by \(scale): use a scale of 2 or 4, or 3 with a kernel of your own"
    case .kernelScale(let scale):
      "cannot estimate a kernel for scale \(scale): kernels are estimated for scales 2 and 4"
    case .noEnlarger:
      "cannot enlarge: this Restorer was made to find kernels only; leave Options.enlarges at true"
    }
  }
}
