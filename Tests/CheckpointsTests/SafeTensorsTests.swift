import Checkpoints
import Foundation
import Support
import Testing

@Suite struct SafeTensorsTests {
  private static let types: [SafeTensors.ElementType] = [
    .f64, .f32, .f16, .bf16, .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool,
  ]

  /// One tensor of each type and of awkward shapes; bytes are arbitrary, so NaN patterns are among them.
  private static func everything() -> SafeTensors {
    var content = SafeTensors(metadata: ["quote \" \\ / \n": "é 😀 \u{1}", "a": ""])
    for (index, type) in types.enumerated() {
      for shape in [[], [0], [3, 0, 2], [1], [2, 3, 5]] {
        let count = shape.reduce(type.size, *)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 89 + index * 41) }
        content.tensors["\(type.rawValue)/\(shape) \"ü\""] = .init(type: type, shape: shape, bytes: bytes)
      }
    }
    return content
  }

  @Test func `every type and shape survives a round trip`() throws {
    let content = Self.everything()
    let encoded = try content.encoded()
    let again = try SafeTensors(bytes: encoded, file: "memory")
    #expect(again.tensors == content.tensors)
    #expect(again.metadata == content.metadata)
    #expect(try again.encoded() == encoded)
  }

  @Test func `header is sorted and padded as the format asks`() throws {
    let content = SafeTensors(
      tensors: ["b": .init([Float(1), 2], shape: [2]), "a": .init([Int(7)], shape: [])],
      metadata: ["z": "1", "k/l": "2"])
    let header =
      #"{"__metadata__":{"k/l":"2","z":"1"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#
    let encoded = try content.encoded()
    #expect(encoded[0] % 8 == 0)
    let text = String(decoding: encoded[8..<8 + Int(encoded[0])], as: UTF8.self)
    #expect(text.trimmingCharacters(in: .whitespaces) == header)
    #expect(encoded.suffix(16) == [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
  }

  @Test func `empty content is a file`() throws {
    let content = try SafeTensors(bytes: SafeTensors().encoded(), file: "memory")
    #expect(content.tensors.isEmpty && content.metadata.isEmpty)
  }

  @Test func `accessors convert exactly`() throws {
    let floats: [Float] = [-0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity]
    let doubles = [-0.0, .leastNonzeroMagnitude, .pi, -.infinity]
    func raw(_ type: SafeTensors.ElementType, _ bytes: [UInt8]) -> SafeTensors.Tensor {
      .init(type: type, shape: [bytes.count / type.size], bytes: bytes)
    }
    let content = SafeTensors(tensors: [
      "f": .init(floats, shape: [4]), "d": .init(doubles, shape: [2, 2]),
      // The last two lie between two halves: nearest, ties to even.
      "h": .init([1, -2.5, 0.000030517578125, 1.0008, 1.00048828125], shape: [5], halved: true),
      "i64": .init([.min, -1, .max], shape: [3]),
      "i32": raw(.i32, [0xfe, 0xff, 0xff, 0xff]), "u32": raw(.u32, [0xfe, 0xff, 0xff, 0xff]),
      "u64": raw(.u64, [1, 2, 0, 0, 0, 0, 0, 0]), "u8": raw(.u8, [0, 255]),
      "i16": raw(.i16, [0xfe, 0xff]), "u16": raw(.u16, [0xfe, 0xff]), "i8": raw(.i8, [0xfe]),
      // 1, -2.5 and the largest finite value.
      "b": raw(.bf16, [0x80, 0x3f, 0x20, 0xc0, 0x7f, 0x7f]),
      // Between two floats, nearer to the upper.
      "near": .init([1 + 0x1.8p-24, 0x1p200], shape: [2]),
    ])
    #expect(try content.floats("f").map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(try content.doubles("f").map(\.bitPattern) == floats.map { Double($0).bitPattern })
    #expect(try content.doubles("d").map(\.bitPattern) == doubles.map(\.bitPattern))
    #expect(try content.floats("h") == [1, -2.5, 0.000030517578125, 1.0009765625, 1])
    #expect(try content.floats("b") == [1, -2.5, 0x1.fep127])
    #expect(try content.doubles("b") == [1, -2.5, 0x1.fep127])
    #expect(try content.doubles("h") == [1, -2.5, 0.000030517578125, 1.0009765625, 1])
    #expect(try content.floats("near") == [1 + 0x1p-23, .infinity])
    #expect(try content.integers("i16") == [-2] && content.integers("u16") == [0xfffe])
    #expect(try content.integers("i8") == [-2])
    #expect(try content.integers("i64") == [.min, -1, .max])
    #expect(try content.integers("i32") == [-2])
    #expect(try content.integers("u32") == [0xffff_fffe])
    #expect(try content.integers("u64") == [513])
    #expect(try content.integers("u8") == [0, 255])
    #expect(try content.bytes("u8") == [0, 255])
  }

  @Test func `a missing tensor and a wrong type are named`() throws {
    let content = SafeTensors(tensors: [
      "d": .init([1.0], shape: [1]), "i": .init([1], shape: [1]),
      "big": .init(type: .u64, shape: [1], bytes: Array(repeating: 255, count: 8)),
    ])
    expectError(
      #"cannot read tensor "x" of "tensors in memory": the file does not hold it; check that it is the "#
        + "right file"
    ) { try content.bytes("x") }
    expectError(
      #"cannot read tensor "i" of "tensors in memory": expected F64, F32, F16 or BF16, found I64; check that it is "#
        + "the right file"
    ) { try content.floats("i") }
    expectError(containing: "expected integers, found F64") { try content.integers("d") }
    expectError(containing: "expected F64, F32, F16 or BF16, found U64") { try content.doubles("big") }
    expectError(containing: "expected integers below 2^63, found U64") { try content.integers("big") }
  }

  /// The published weights were written by another implementation in the same order, so reading and
  /// writing them gives the very same file.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `the reference files are read and rewritten exactly`() throws {
    let path = SharedData.reference("official_x2.safetensors").path
    #expect(try SafeTensors(path: path).encoded() == Array(Data(contentsOf: URL(filePath: path))))
    let task = try SafeTensors(path: SharedData.reference("task_golden.safetensors").path)
    #expect(try task.tensor("hr_crop_u8").shape == [192, 192, 3])
    #expect(try task.integers("hr_crop_u8").allSatisfy((0...255).contains))
    #expect(try task.integers("crop_output_yx").allSatisfy((0...16).contains))
    let kernels = try SafeTensors(path: SharedData.reference("kernels_golden.safetensors").path)
    for name in kernels.tensors.keys {
      #expect(try kernels.doubles(name).allSatisfy(\.isFinite), "\(name)")
    }
  }
}
