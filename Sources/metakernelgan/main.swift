import KernelGAN
import Numerics

let unit = try VectorUnit.current()
let peak = unit.measurePeak()
print(unit.instructionSet, "peak", 2 * peak / 1e9, "GFLOP/s")
let a = Architecture.paper
let state = NetworkState(a, freshFrom: 1)
let step = try AdaptationStep(a)
var r = Philox(key: 3)
for i in 0..<step.input.regions.count { step.input.regions.pointer[i] = Float(r.uniform()) }
for i in 0..<step.input.real.count { step.input.real.pointer[i] = Float(r.uniform()) }
step.prepare(state)
let clock = ContinuousClock()
for k in 0..<6 {
  var l: StepLosses? = nil
  let t = clock.measure {
    for i in 0..<100 {
      Philox.normals(
        key: 1, stream: UInt64(i), into: step.input.noiseReal.pointer, count: step.input.noiseReal.count,
        unit: unit)
      Philox.normals(
        key: 2, stream: UInt64(i), into: step.input.noiseFake.pointer, count: step.input.noiseFake.count,
        unit: unit)
      l = step.run(state, .paper)
    }
  }
  let pc: Double = a.nominalOperationsPerStep / (t.seconds / 100) / (2 * peak) * 100
  print(k, l!, t.seconds * 10, "ms/step", pc, "% of peak")
}
