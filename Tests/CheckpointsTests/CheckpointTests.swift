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

  @Test func `holds the layout and permits more`() throws {
    try write(["a": .init([Float(1), 2], shape: [1, 2]), "adam.a": .init([3.0], shape: [])])
    let checkpoint = try Checkpoint(path: path, expecting: [("a", [1, 2])])
    #expect(checkpoint.values("a") == [1, 2])
    #expect(checkpoint.metadata == ["scale": "2"])
    #expect(checkpoint.path == path)
    #expect(try checkpoint.sha256 == SHA256.hex(ofFile: path))
  }

  private static let networks = [
    Checkpoint.Layout([("a", [1])]), Checkpoint.Layout([("b", []), ("c", [2])]),
  ]

  /// Of several networks those are read that are there; one that is there in part is refused.
  @Test func `a file holds any of several networks`() throws {
    let one = ["a": SafeTensors.Tensor([Float(1)], shape: [1])]
    let other = ["b": SafeTensors.Tensor([Float(2)], shape: []), "c": .init([Float(3), 4], shape: [2])]
    for (tensors, held) in [(one, [true, false]), (other, [false, true])] {
      try write(tensors)
      let checkpoint = try Checkpoint(path: path, anyOf: Self.networks)
      #expect(Self.networks.map { checkpoint.holds($0) } == held)
      #expect(checkpoint.holds("a") == held[0] && checkpoint.holds("c") == held[1])
    }
    try write(one.merging(other) { own, _ in own })
    let both = try Checkpoint(path: path, anyOf: Self.networks)
    #expect(Self.networks.allSatisfy { both.holds($0) })
    try write(one.merging(["c": .init([Float(3), 4], shape: [2])]) { own, _ in own })
    expectError(containing: "tensor \"b\" of shape [] is missing") {
      try Checkpoint(path: path, anyOf: Self.networks)
    }
    try write(["d": .init([Float(1)], shape: [1])])
    expectError(containing: "tensor \"a\" of shape [1] is missing") {
      try Checkpoint(path: path, anyOf: Self.networks)
    }
  }

  /// Tensors of other types may lie beside a network's, known or not, and are named where they stand in its place.
  @Test func `other types are passed over unless asked for`() throws {
    let header =
      #"{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"n":{"dtype":"I64","shape":[],"data_offsets":[2,10]},"#
      + #""f":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[10,13]}}"#
    let length = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0]
    try writeAtomically(length + header.utf8 + [0x80, 0x3f] + Array(repeating: 1, count: 11), to: path)
    #expect(try Checkpoint(path: path, expecting: [("a", [1])]).values("a") == [1])
    let content = try SafeTensors(path: path)
    #expect(content.unread == ["f": "F8_E4M3"] && content.tensors.keys.sorted() == ["a", "n"])
    expectError(containing: "expected F64, F32, F16 or BF16, found F8_E4M3") {
      try Checkpoint(path: path, expecting: [("f", [3])])
    }
    expectError(containing: "found F8_E4M3") { try content.bytes("f") }
  }

  @Test func `missing, damaged and foreign files are told apart`() throws {
    func open() throws { _ = try Checkpoint(path: path, expecting: [("a", [1, 2]), ("b", [])]) }
    expectError("cannot read \"\(path)\": there is no such file; check the path", open)

    try writeAtomically(Array("PK\u{3}\u{4}, a zip archive".utf8), to: path)
    expectError(containing: "cannot read \"\(path)\": not a valid safetensors file but a zip archive", open)

    let advice = "; use a checkpoint that this program or scripts/convert_checkpoint.py wrote"
    try write(["a": .init([Float(1), 2], shape: [2]), "b": .init([Float(1)], shape: [])])
    expectError(
      "cannot use checkpoint \"\(path)\": it is of another network, tensor \"a\" has shape [2], "
        + "expected [1, 2]" + advice, open)
    try write(["a": .init([Float(1), 2], shape: [1, 2])])
    expectError(
      "cannot use checkpoint \"\(path)\": it is of another network, tensor \"b\" of shape [] is missing"
        + advice, open)

    try write(["a": .init([1, 2] as [Int], shape: [1, 2])])
    expectError(containing: "expected F64, F32, F16 or BF16, found I64", open)
    try write(["a": .init([Float(1), .nan], shape: [1, 2])])
    expectError(
      "cannot use checkpoint \"\(path)\": value 1 of tensor \"a\" is not finite; "
        + "use an earlier checkpoint or fetch it again", open)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `the published weights fit`() throws {
    let path = SharedData.reference("official_x2.safetensors").path
    let checkpoint = try Checkpoint(path: path, expecting: Network.layout)
    #expect(checkpoint.metadata["scale"] == "2")
    // u is a unit vector up to the rounding of 64 float32 squares.
    let u = checkpoint.values("discriminator.conv2.u")
    #expect(abs(u.map { $0 * $0 }.reduce(0, +) - 1) < 1e-5)
  }
}
