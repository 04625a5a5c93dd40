import NaiveTwin
import Networks
import Numerics

/// One step or meta-evaluation of the tuned networks and of the plain ones from the same state, with the tuned run's
/// ReLU masks forced on the plain one: a unit on the edge may fall either way in single precision, and without that no
/// honest bound below a few per cent holds.
struct TunedRun {
  let step: AdaptationStep
  let state: NetworkState
  private(set) var masks: NaiveGAN.StepMasks = []
  private(set) var preactivations: [[[Float]]] = []
  private(set) var outputs: [[Float]] = []

  init(_ twin: NaiveGAN, _ input: NaiveGAN.Input) throws {
    let architecture = Architecture(generatorKernels: twin.generatorKernels, patchSide: twin.patchSide)
    let values = architecture.layout.entries.flatMap { twin.tensors[$0.name, default: []].map(Float.init) }
    state = NetworkState(architecture, values: values)
    let patch = 3 * twin.patchSide * twin.patchSide
    step = try AdaptationStep(architecture, patches: input.real.count / patch)
    for (buffer, values) in [
      (step.input.regions, input.regions), (step.input.real, input.real),
      (step.input.noiseReal, input.noiseReal.map { $0 * 255 }),
      (step.input.noiseFake, input.noiseFake.map { $0 * 255 }),
    ] {
      _ = buffer.values.update(fromContentsOf: values.map(Float.init))
    }
    step.prepare(state)
  }

  /// Runs `body` and records what the discriminator saw at each of its calls.
  mutating func record<Result>(_ body: (AdaptationStep, NetworkState) -> Result) -> Result {
    var seen: [[[Float]]] = []
    var outputs: [[Float]] = []
    step.probe = { _, step in
      seen.append(step.preactivations)
      outputs.append(step.output)
    }
    let result = body(step, state)
    step.probe = nil
    preactivations = seen
    masks = seen.map { $0.map { $0.map { $0 > 0 } } }
    self.outputs = outputs
    return result
  }

  var gradient: NaiveGAN.Gradient { named(step.lastGradient) }

  func named(_ values: [Float]) -> [String: [Double]] {
    var named: [String: [Double]] = [:]
    for entry in state.architecture.layout.entries where entry.range.upperBound <= values.count {
      named[entry.name] = values[entry.range].map(Double.init)
    }
    return named
  }

  /// The largest |value| at which a unit is active in one run and not in the other.
  func largestDisagreement(with outcome: NaiveGAN.Outcome) -> Double {
    var worst = 0.0
    for (call, (tuned, plain)) in zip(preactivations, outcome.calls).enumerated() {
      for layer in 0..<5 {
        for (i, (a, b)) in zip(tuned[layer], plain.preactivations[layer]).enumerated()
        where masks[call][layer][i] != (b > 0) {
          worst = max(worst, abs(Double(a)), abs(b))
        }
      }
    }
    return worst
  }
}
