import Checkpoints
import Foundation
import Platform
import Support
import Testing

/// The networks' parameters as they are named in files.
enum Network {
  typealias Layout = [(name: String, shape: [Int])]

  static var layout: Layout { generator + discriminator }

  private static var generator: Layout {
    let shapes = [
      [64, 1, 7, 7], [64, 64, 3, 3], [64, 64, 3, 3], [64, 64, 1, 1], [64, 64, 1, 1], [1, 64, 1, 1],
    ]
    return zip(1..., shapes).map { ("generator.conv\($0).weight", $1) }
  }

  private static var discriminator: Layout {
    (1...7).flatMap { layer -> Layout in
      let (outputs, inputs, side) = (layer == 7 ? 1 : 64, layer == 1 ? 3 : 64, layer == 1 ? 7 : 1)
      let convolution: Layout = [
        ("weight", [outputs, inputs, side, side]), ("bias", [outputs]), ("u", [outputs]),
        ("v", [inputs * side * side]),
      ].map { ("discriminator.conv\(layer).\($0)", $1) }
      let norm: Layout = ["weight", "bias"].map { ("discriminator.norm\(layer).\($0)", [64]) }
      return convolution + ((2...6).contains(layer) ? norm : [])
    }
  }
}

@Suite struct CheckpointTests {
  private let folder: TemporaryFolder
  private var path: String { folder.file("x.safetensors").path }
  init() throws { folder = try TemporaryFolder() }

  private func write(_ tensors: [String: SafeTensors.Tensor]) throws {
    try SafeTensors(tensors: tensors, metadata: ["scale": "2"]).write(to: path)
  }

  @Test func holdsTheLayoutAndPermitsMore() throws {
    try write(["a": .init([Float(1), 2], shape: [1, 2]), "adam.a": .init([3.0], shape: [])])
    let checkpoint = try Checkpoint(path: path, expecting: [("a", [1, 2])])
    #expect(checkpoint.values("a") == [1, 2])
    #expect(checkpoint.metadata == ["scale": "2"])
    #expect(checkpoint.path == path)
    #expect(try checkpoint.sha256 == SHA256.hex(ofFile: path))
  }

  @Test func missingDamagedAndForeignFilesAreToldApart() throws {
    func open() throws { _ = try Checkpoint(path: path, expecting: [("a", [1, 2]), ("b", [])]) }
    expectError("cannot read \"\(path)\": there is no such file; check the path", open)

    try writeAtomically(Array("PK\u{3}\u{4}, a zip archive".utf8), to: path)
    expectError(containing: "cannot read \"\(path)\": not a valid safetensors file", open)

    let advice = "; use a checkpoint that this program or scripts/convert_checkpoint.py wrote"
    try write(["a": .init([Float(1), 2], shape: [2]), "b": .init([Float(1)], shape: [])])
    expectError(
      "cannot use checkpoint \"\(path)\": it is of another network, tensor \"a\" has shape [2], "
        + "expected [1, 2]" + advice, open)
    try write(["a": .init([Float(1), 2], shape: [1, 2])])
    expectError(
      "cannot use checkpoint \"\(path)\": it is of another network, tensor \"b\" of shape [] is missing"
        + advice, open)

    try write(["a": .init([1.0, 2.0], shape: [1, 2])])
    expectError(containing: "expected F32 or F16, found F64", open)
    try write(["a": .init([Float(1), .nan], shape: [1, 2])])
    expectError(
      "cannot use checkpoint \"\(path)\": value 1 of tensor \"a\" is not finite; "
        + "use an earlier checkpoint or fetch it again", open)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func thePublishedWeightsFit() throws {
    let path = SharedData.reference("official_x2.safetensors").path
    let checkpoint = try Checkpoint(path: path, expecting: Network.layout)
    #expect(checkpoint.metadata["scale"] == "2")
    // u is a unit vector up to the rounding of 64 float32 squares.
    let u = checkpoint.values("discriminator.conv2.u")
    #expect(abs(u.map { $0 * $0 }.reduce(0, +) - 1) < 1e-5)
  }
}
