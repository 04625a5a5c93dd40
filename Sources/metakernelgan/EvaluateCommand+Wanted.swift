import ArgumentParser
import BlurKernels
import Comparison
import Estimation
import Foundation
import SuperResolution

// MARK: What is wanted

extension EvaluateCommand {
  func stepList() throws -> [ComparedMethod.Steps] {
    try steps.split(separator: ",").map { part in
      if part == "last" { return .last }
      guard let number = Int(part), (0...1_000_000).contains(number) else {
        throw ValidationError("--steps must be numbers from 0 to 1000000, or last, not '\(part)'.")
      }
      return .number(number)
    }
  }

  /// Each once; empty where nothing is enlarged.
  func noises() throws -> [NoiseLevel] {
    if kernelsOnly { return [] }
    var noises: [NoiseLevel] = []
    for text in srNoise.isEmpty ? ["paper"] : srNoise {
      let noise = try Self.noise(text)
      if !noises.contains(noise) { noises.append(noise) }
    }
    return noises
  }

  private static func noise(_ text: String) throws -> NoiseLevel {
    if text == "auto" { return .estimated }
    if text == "paper" { return .paper }
    guard let level = Double(text), (0...255).contains(level) else {
      throw ValidationError("--sr-noise must be from 0 to 255, auto or paper, not '\(text)'.")
    }
    return .fixed(level)
  }

  /// The arguments of --results, with the conventions that are meant for them.
  func requests() throws -> [GivenResults.Request] {
    var requests: [GivenResults.Request] = []
    for argument in results {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw ValidationError("--results must be NAME=FOLDER, not '\(argument)'.")
      }
      guard !requests.contains(where: { $0.name == parts[0] }) else {
        throw ValidationError("--results names '\(parts[0])' twice; give each folder a name of its own.")
      }
      requests.append(
        .init(name: parts[0], folder: parts[1], convention: try convention(of: parts[0])))
    }
    let names = requests.map(\.name)
    for rule in kernelConvention {
      if let name = rule.split(separator: "=", maxSplits: 1).dropLast().first, !names.contains(String(name)) {
        throw ValidationError("--kernel-convention \(rule): no --results are called '\(name)'.")
      }
    }
    guard kernelConvention.isEmpty || !requests.isEmpty else {
      throw ValidationError("--kernel-convention is for the kernels of --results; leave it away.")
    }
    return requests
  }

  private func convention(of name: String) throws -> KernelConvention {
    var (own, common): (KernelConvention?, KernelConvention?)
    for rule in kernelConvention {
      let parts = rule.split(separator: "=", maxSplits: 1).map(String.init)
      guard let text = parts.last, let convention = KernelConvention(rawValue: text) else {
        let known = KernelConvention.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--kernel-convention knows \(known), not '\(parts.last ?? "")'.")
      }
      if parts.count == 1 { common = convention } else if parts[0] == name { own = convention }
    }
    return own ?? common ?? .fkp
  }

  func methods() throws -> [any EstimationMethod.Type] {
    try (method.isEmpty ? [MetaKernelGANMethod.name] : method).map { name in
      guard let type = EstimationMethods.named(name) else {
        throw ValidationError(
          "--method knows \(EstimationMethods.all.map { $0.name }.joined(separator: ", ")), not '\(name)'.")
      }
      return type
    }
  }

  func comparedMethods() throws -> [ComparedMethod] {
    let weights = checkpoint.map { argument in
      ComparedMethod.Weights(argument, fileExists: FileManager.default.fileExists(atPath:))
    }
    var options = MethodOptions()
    (options.mode, options.refinement) = (mode, refine ? srWeights ?? EnlargerChoice.shippedName : nil)
    let compared: [ComparedMethod]
    do {
      compared = try ComparedMethod.all(methods(), weights: weights, options: options, steps: stepList())
    } catch let error as ValidationError { throw error } catch {
      throw Exit.because("\(error)", Exit.configuration)
    }
    if !weights.isEmpty, compared.allSatisfy({ $0.checkpoint == nil }) {
      throw ValidationError("--checkpoint: none of these methods starts from weights; leave it away.")
    }
    return compared
  }

  func makeEnlarging() throws -> Evaluation.Enlarging {
    do {
      let resolver = try SuperResolver(weights: EnlargerChoice(srWeights))
      return Evaluation.Enlarging(
        name: resolver.name, weights: srWeights, sha256: resolver.sha256, fidelity: fidelity,
        kernelNoise: { resolver.kernelNoise($0, scale: $1) })
    } catch { throw Exit.because(error, Exit.configuration) }
  }

  func readBenches() throws -> [Bench] {
    let noises = try noises()
    do {
      let benches = try zip(bench, Bench.names(bench)).map { folder, name in
        try Bench(folder: folder, name: name, highResolution: hr, scale: scale, crop: crop, noises: noises)
      }
      for bench in benches {
        for note in bench.notes { Console.note(note) }
        for fault in bench.faults { Console.complain(fault.description) }
        if bench.pairs.isEmpty { throw Exit.because("\(bench.folder): no picture can be used", Exit.data) }
      }
      return benches
    } catch let error as EvaluationError { throw Exit.because(error, Exit.data) }
  }

  func readResults(_ benches: [Bench], besides methods: [ComparedMethod]) throws -> [GivenResults] {
    let taken = methods.map(\.label) + Evaluation.baselineLabels
    if let name = try requests().map(\.name).first(where: taken.contains) {
      throw ValidationError("--results: another row is called '\(name)'; choose another name.")
    }
    do {
      let all = try requests().map { try GivenResults($0, for: benches) }
      for results in all {
        for note in results.notes { Console.note(note) }
        for fault in results.faults { Console.complain(fault.description) }
      }
      return all
    } catch let error as EvaluationError { throw Exit.because(error, Exit.data) }
  }

  /// The label of the row that --against names.
  func chosenRow(_ name: String, _ evaluation: Evaluation) throws -> String {
    do { return try evaluation.row(named: name) } catch { throw ValidationError("--against: \(error).") }
  }
}
