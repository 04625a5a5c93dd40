import Checkpoints
import Foresight
import Foundation
import Networks
import Support
import Testing

@Suite("metakernelgan checkpoint", .tags(.slow))
struct CheckpointCommandTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// A checkpoint of both networks, as a training writes it.
  private func writeWhole(_ name: String, key: UInt64, metadata: [String: String] = [:]) throws
    -> PredictionParameters
  {
    let prediction = PredictionParameters(freshFrom: key)
    let networks = NetworkState(.paper, freshFrom: key).tensors
    try SafeTensors(
      tensors: networks.merging(prediction.tensors()) { own, _ in own }, metadata: metadata
    ).write(to: fixtures.path(name))
    return prediction
  }

  private func open(_ path: String) throws -> Checkpoint {
    try Checkpoint(path: path, anyOf: [.networks, .prediction])
  }

  /// Generator and discriminator come from the other file as they are; the prediction network is rounded.
  @Test func `export takes other networks and rounds the rest`() throws {
    let prediction = try writeWhole("predicting.safetensors", key: 2, metadata: ["step": "7"])
    let run = try Program.run([
      "checkpoint", "export", fixtures.path("predicting.safetensors"), fixtures.path("out.safetensors"),
      "--networks", fixtures.checkpoint, "--half",
    ])
    #expect(run.code == 0, "\(run.errors)")
    let out = try open(fixtures.path("out.safetensors"))
    let networks = try open(fixtures.checkpoint)
    #expect(run.output.contains(out.sha256) && out.metadata["step"] == "7")
    #expect(out.metadata["networks_sha256"] == networks.sha256)
    for entry in Architecture.paper.layout.entries {
      #expect(out.values(entry.name) == networks.values(entry.name), "\(entry.name)")
    }
    for name in ["conditioning.tile1.weight", "conditioning.layer3.bias", "conditioning.mean"] {
      #expect(out.values(name) == prediction.values(name).map { Float(Float16($0)) }, "\(name)")
    }
    #expect(out.values("conditioning.tile1.weight") != prediction.values("conditioning.tile1.weight"))
  }

  /// The prediction network alone is half of a file, and whole with another's networks.
  @Test func `export leaves networks out`() throws {
    let prediction = try writeWhole("whole.safetensors", key: 3)
    let alone = fixtures.path("alone.safetensors")
    let run = try Program.run(
      ["checkpoint", "export", fixtures.path("whole.safetensors"), alone, "--part", "prediction"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try SafeTensors(path: alone).tensors.keys.allSatisfy { $0.hasPrefix("conditioning.") })
    #expect(try Program.run(["checkpoint", "verify", alone]).output.contains("a good prediction network"))
    let networks = try open(fixtures.checkpoint)
    let again = fixtures.path("again.safetensors")
    let completed = try Program.run(
      ["checkpoint", "export", alone, again, "--networks", fixtures.checkpoint])
    #expect(completed.code == 0, "\(completed.errors)")
    let whole = try open(again)
    #expect(whole.holds(.networks) && whole.holds(.prediction))
    for entry in Architecture.paper.layout.entries + PredictionParameters.layout.entries {
      let source = networks.holds(entry.name) ? networks.values(entry.name) : prediction.values(entry.name)
      #expect(whole.values(entry.name) == source, "\(entry.name)")
    }
    let lacking = try Program.run(
      ["checkpoint", "export", fixtures.checkpoint, alone, "--part", "prediction"])
    #expect(lacking.code == 65 && lacking.errors.contains("holds no prediction network"))
  }

  /// A file split into its parts and put together again is the same parameters; each part can be estimated with.
  @Test func `parts are what the whole was`() throws {
    _ = try writeWhole("whole.safetensors", key: 4)
    let whole = fixtures.path("whole.safetensors")
    let picture = try fixtures.picture("a.png")
    for (part, mode) in [("networks", "paper"), ("prediction", "best")] {
      let run = try Program.run(["checkpoint", "export", whole, fixtures.path(part), "--part", part])
      #expect(run.code == 0, "\(run.errors)")
      for (checkpoint, folder) in [(whole, "whole-\(part)"), (fixtures.path(part), "only-\(part)")] {
        let run = try Program.run([
          "estimate", picture, "--checkpoint", checkpoint, "--mode", mode, "--steps", "0", "--format", "npy",
          "--out", fixtures.path(folder),
        ])
        #expect(run.code == 0, "\(run.errors)")
      }
      let kernels = try ["whole", "only"].map { try fixtures.bytes("\($0)-\(part)/a_kernel_x2.npy") }
      #expect(kernels[0] == kernels[1], "\(part)")
    }
    let export = ["checkpoint", "export", fixtures.path("prediction"), fixtures.path("again")]
    #expect(try Program.run(export + ["--networks", fixtures.path("networks")]).code == 0)
    #expect(try SafeTensors(path: fixtures.path("again")).tensors == SafeTensors(path: whole).tensors)
    let both = try Program.run(export + ["--networks", fixtures.path("networks"), "--part", "prediction"])
    #expect(both.code == 64, "one part and both parts exclude each other")
  }

  /// In whatever precision both are: how many values differ, and by how much.
  @Test(arguments: [[], ["--half"]]) func `diff says what differs`(precision: [String]) throws {
    for (name, change) in [("one", 0), ("other", 0.5 as Float)] {
      let prediction = try writeWhole("whole.safetensors", key: 2)
      for index in 0..<5 { prediction["conditioning.layer3.bias"][index] = index == 1 ? 1 + change : 0 }
      var whole = try SafeTensors(path: fixtures.path("whole.safetensors"))
      whole.tensors.merge(prediction.tensors()) { $1 }
      try whole.write(to: fixtures.path("whole.safetensors"))
      let export = try Program.run(
        ["checkpoint", "export", fixtures.path("whole.safetensors"), fixtures.path(name)] + precision)
      #expect(export.code == 0, "\(export.errors)")
    }
    let diff = try Program.run(["checkpoint", "diff", fixtures.path("one"), fixtures.path("other")])
    #expect(diff.code == 1)
    #expect(
      diff.output.split(separator: "\n").filter { $0.contains("values differ") }
        == ["conditioning.layer3.bias: 1 of 5 values differ, norm of the difference 0.5 of 1"])
    let same = try Program.run(["checkpoint", "diff", fixtures.path("one"), fixtures.path("one")])
    #expect(same.code == 0 && same.output == "the same bytes\n")
    let inspected = try Program.run(["checkpoint", "inspect", fixtures.path("other")])
    #expect(
      inspected.output.contains("conditioning.layer3.bias \(precision.isEmpty ? "F32" : "F16") [5] norm 1.5"))
    let verified = try Program.run(["checkpoint", "verify", fixtures.path("one"), "/dev/null"])
    #expect(verified.code == 65)
    #expect(verified.output.contains("good parameters, no training state"))
    #expect(verified.errors.contains("/dev/null"))
  }
}
