import Checkpoints
import Foresight
import Foundation
import Networks
import Support
import Testing

@Suite("metakernelgan checkpoint")
struct CheckpointCommandTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// Generator and discriminator come from the other file as they are; what foresees kernels is rounded.
  @Test func exportTakesOtherNetworksAndRoundsTheRest() throws {
    let foreseeing = NetworkState(.conditioned, freshFrom: 2)
    try foreseeing.write(to: fixtures.path("foreseeing.safetensors"), metadata: ["step": "7"])
    let run = try Program.run([
      "checkpoint", "export", fixtures.path("foreseeing.safetensors"), fixtures.path("out.safetensors"),
      "--networks", fixtures.checkpoint, "--half",
    ])
    #expect(run.code == 0, "\(run.errors)")
    let out = try Checkpoint(anyOf: fixtures.path("out.safetensors"))
    let networks = try Checkpoint(anyOf: fixtures.checkpoint)
    #expect(run.output.contains(out.sha256) && out.metadata["step"] == "7")
    #expect(out.metadata["networks_sha256"] == networks.sha256)
    for entry in Architecture.paper.layout.entries {
      #expect(out.values(entry.name) == networks.values(entry.name), "\(entry.name)")
    }
    for name in ["conditioning.tile1.weight", "conditioning.layer3.bias", "conditioning.mean"] {
      #expect(out.values(name) == foreseeing.values(name).map { Float(Float16($0)) }, "\(name)")
    }
    #expect(out.values("conditioning.tile1.weight") != foreseeing.values("conditioning.tile1.weight"))
  }

  /// What foresees kernels alone is half of a file, and whole with another's networks.
  @Test func exportLeavesNetworksOut() throws {
    let state = NetworkState(.conditioned, freshFrom: 3)
    try state.write(to: fixtures.path("whole.safetensors"), metadata: [:])
    let alone = fixtures.path("alone.safetensors")
    let run = try Program.run(
      ["checkpoint", "export", fixtures.path("whole.safetensors"), alone, "--foresight-alone"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(try SafeTensors(path: alone).tensors.keys.allSatisfy { $0.hasPrefix("conditioning.") })
    #expect(try Program.run(["checkpoint", "verify", alone]).output.contains("that foresee kernels"))
    let networks = try Checkpoint(anyOf: fixtures.checkpoint)
    let again = fixtures.path("again.safetensors")
    let completed = try Program.run(
      ["checkpoint", "export", alone, again, "--networks", fixtures.checkpoint])
    #expect(completed.code == 0, "\(completed.errors)")
    let whole = try Checkpoint(anyOf: again)
    #expect(whole.architecture == .conditioned)
    for entry in Architecture.conditioned.layout.entries {
      let source = networks.holds(entry.name) ? networks.values(entry.name) : state.values(entry.name)
      #expect(whole.values(entry.name) == source, "\(entry.name)")
    }
    let lacking = try Program.run(
      ["checkpoint", "export", fixtures.checkpoint, alone, "--foresight-alone"])
    #expect(lacking.code == 65 && lacking.errors.contains("holds nothing that foresees kernels"))
  }

  /// In whatever precision both are: how many values differ, and by how much.
  @Test(arguments: [[], ["--half"]]) func diffSaysWhatDiffers(precision: [String]) throws {
    let state = NetworkState(.conditioned, freshFrom: 2)
    for (name, change) in [("one", 0), ("other", 0.5 as Float)] {
      state["conditioning.layer3.bias"][1] = 1 + change
      try state.write(to: fixtures.path("whole.safetensors"), metadata: [:])
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
