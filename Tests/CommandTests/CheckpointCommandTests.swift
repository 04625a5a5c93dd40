import Checkpoints
import Conditioning
import Foundation
import KernelGAN
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
}
