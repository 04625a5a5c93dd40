public import Estimation

/// An estimation method with its options and the weights that it starts from. A comparison has several of them, and a table one
/// row for each number of steps of each.
public struct ComparedMethod: Sendable {
  /// As tables call it.
  public let label: String
  /// As `--method` calls it.
  public let name: String
  public let options: MethodOptions
  /// SHA-256 of the weights; nil for a method that starts from nothing.
  public let checkpoint: String?
  /// Numbers of adaptation steps whose kernels are measured, ascending.
  public let steps: [Int]

  /// A number of adaptation steps, or the method's own.
  public enum Steps: Sendable, Equatable {
    case number(Int)
    case last
  }

  /// Weights as `--checkpoint` names them: a path or `shipped`, or either behind `label=`.
  public struct Weights: Sendable, Equatable {
    public let label: String?
    /// Nil for those that the project ships.
    public let path: String?

    public init(label: String? = nil, path: String?) { (self.label, self.path) = (label, path) }

    /// What stands before the first `=` is the label, unless a file has the whole name.
    public init(_ argument: String, fileExists: (String) -> Bool) {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      let isLabelled = parts.count == 2 && !fileExists(argument)
      let name = isLabelled ? parts[1] : argument
      self.init(
        label: isLabelled ? parts[0] : nil, path: name == "shipped" && !fileExists(name) ? nil : name)
    }
  }

  public init(label: String, name: String, options: MethodOptions, checkpoint: String?, steps: [Int]) {
    (self.label, self.name, self.options) = (label, name, options)
    (self.checkpoint, self.steps) = (checkpoint, steps)
  }
}

extension ComparedMethod {
  /// One for each method and, where that starts from weights, each of them; the method's own weights where none are named.
  ///
  /// - Throws: what a method says about options or weights that it cannot use.
  public static func all(
    _ methods: [any EstimationMethod.Type], weights: [Weights], options: MethodOptions, steps: [Steps]
  ) throws -> [ComparedMethod] {
    let all = try methods.flatMap { type in
      guard !weights.isEmpty, type.startsFromWeights else {
        return [try ComparedMethod(type, weights: nil, options: options, steps: steps)]
      }
      return try weights.map { try ComparedMethod(type, weights: $0, options: options, steps: steps) }
    }
    return distinct(all)
  }

  /// The same weights named twice are one; others of the same name are told apart by their hash.
  private static func distinct(_ methods: [ComparedMethod]) -> [ComparedMethod] {
    func isSame(_ one: ComparedMethod, _ other: ComparedMethod) -> Bool {
      (one.label, one.name, one.checkpoint) == (other.label, other.name, other.checkpoint)
    }
    var kept: [ComparedMethod] = []
    for method in methods where !kept.contains(where: { isSame($0, method) }) {
      kept.append(method)
    }
    return kept.map { one in
      let isAlone = kept.filter { $0.label == one.label }.count == 1
      return isAlone ? one : one.labelled("\(one.label) (\(one.name) \(one.checkpoint?.prefix(8) ?? ""))")
    }
  }

  private func labelled(_ label: String) -> ComparedMethod {
    ComparedMethod(label: label, name: name, options: options, checkpoint: checkpoint, steps: steps)
  }

  private init(
    _ type: any EstimationMethod.Type, weights: Weights?, options: MethodOptions, steps wanted: [Steps]
  ) throws {
    var options = options
    options.checkpoint = weights?.path
    let method = try type.init(options)
    // Said outright, so that the key tells modes apart whatever the default is.
    options.mode = method.mode
    let steps = wanted.map { choice in
      switch choice {
      case .number(let number): number
      case .last: method.steps
      }
    }
    // A method without so many steps says so here, not once for each picture.
    var longest = options
    longest.steps = steps.max()
    _ = try type.init(longest)
    self.init(
      label: Self.label(of: method, weights: weights), name: type.name, options: options,
      checkpoint: method.identity, steps: Array(Set(steps)).sorted())
  }

  private static func label(of method: any EstimationMethod, weights: Weights?) -> String {
    if let label = weights?.label { return label }
    let name = type(of: method).name + (method.mode.map { " (\($0))" } ?? "")
    if let path = weights?.path { return "\(name), \(path.split(separator: "/").last ?? "")" }
    return !type(of: method).startsFromWeights ? name : "\(name), shipped weights"
  }
}
