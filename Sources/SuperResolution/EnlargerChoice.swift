/// Which network enlarges.
public enum EnlargerChoice: Sendable, Equatable {
  /// The project's own, shipped with the program: the enlarger at scales 2 and 4, the closed form at scale 3.
  case shipped
  /// A file of weights: USRNet-tiny's as safetensors (scripts/convert_usrnet.py makes them of the published file), for all
  /// scales, or the enlarger's (scripts/train_enlarger.py), for the scale that they were trained for. Tensor names tell.
  case file(String)
  /// No network: the closed form of the data step.
  case closedForm

  /// What `--sr-weights` calls the closed form.
  public static let closedFormName = "closed-form"

  /// What it calls the shipped weights, where they need a name.
  public static let shippedName = "shipped"

  /// - Parameter option: of `--sr-weights`: `closed-form`, a path, or nil or `shipped` for the shipped weights.
  public init(_ option: String?) {
    self =
      switch option {
      case nil, Self.shippedName: .shipped
      case Self.closedFormName: .closedForm
      case let path?: .file(path)
      }
  }
}
