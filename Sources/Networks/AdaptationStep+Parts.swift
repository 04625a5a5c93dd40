import Numerics

extension AdaptationStep {
  /// A part of a step on its own, for measurements.
  package struct Part {
    package let name: String
    /// How often a step does it.
    package let count: Int
    package let run: () -> Void
  }

  /// The parts that make up a step, each working on what the last `run` left in the workspace; u and v of `state`
  /// advance, its parameters stay.
  package func parts(_ state: NetworkState) -> [Part] {
    let values = state.buffer.pointer
    let zero = FloatBuffer(architecture.trainedCount)
    return [
      Part(name: "noise", count: 2) { [self] in
        Philox.normals(
          key: 1, stream: 1, into: input.noiseFake.pointer, count: input.noiseFake.count, unit: unit)
      },
      Part(name: "generator: collapse", count: 1) { [self] in generator.collapse(values) },
      Part(name: "generator: collapse backward", count: 1) { [self] in
        generator.collapseBackward(values, gradient.pointer)
      },
      Part(name: "generator: apply the kernel", count: 2) { [self] in makeFake() },
      Part(name: "generator: kernel gradient", count: 1) { [self] in _ = kernelGradient(sumToOneWeight: 0.5)
      },
      Part(name: "discriminator: forward", count: 3) { [self] in discriminator.forward(fake.pointer, values)
      },
      Part(name: "discriminator: backward to the patch", count: 1) { [self] in backward.imageGradient() },
      Part(name: "discriminator: backward to the weights", count: 2) { [self] in
        backward.addWeightGradient(values, gradient.pointer)
      },
      Part(name: "updates", count: 1) { [self] in
        unit.loops.add_scaled(values, zero.pointer, -0.01, architecture.trainedCount)
      },
    ]
  }
}
