import BlurKernels
import Checkpoints
import Imaging
import SuperResolution
import Support
import Testing

@Suite("What is not enlarged")
struct RefusalTests {
  static let picture = Picture(width: 8, height: 6, rgb: [UInt8](repeating: 100, count: 3 * 48))
  static let point = BlurKernel(side: 1, values: [1])

  @Test(arguments: [
    (5, 0.0, point, "cannot enlarge by 5: use a scale of 2, 3 or 4"),
    (
      2, 256, point,
      "cannot enlarge with a noise level of 256.0: give its standard deviation as 0 to 255 levels"
    ),
    (
      2, .nan, point,
      "cannot enlarge with a noise level of nan: give its standard deviation as 0 to 255 levels"
    ),
    (
      2, 0, BlurKernel(side: 1, values: [-1]),
      "cannot enlarge with this kernel: its values sum to -1.0; give a blur kernel whose values sum to about 1"
    ),
    (
      2, 0, BlurKernel(side: 1, values: [.infinity]),
      "cannot enlarge with this kernel: some of its values are not finite; "
        + "give a blur kernel whose values sum to about 1"
    ),
  ])
  func `arguments out of range`(scale: Int, noise: Double, kernel: BlurKernel, text: String) throws {
    let resolver = try SuperResolver(weights: .closedForm)
    let error = #expect(throws: SuperResolutionError.self) {
      try resolver.enlarge(Self.picture, kernel: kernel, scale: scale, noise: noise)
    }
    #expect(error?.description == text)
  }
}

@Suite("Weights")
struct WeightTests {
  /// Missing, damaged and of another network are told apart, in one sentence that names the file.
  @Test func `unusable files`() throws {
    let folder = try TemporaryFolder()
    let missing = folder.file("none.safetensors").path
    #expect(try Self.refusal(missing) == "cannot read \"\(missing)\": there is no such file; check the path")

    let other = folder.file("other.safetensors").path
    var file = try USRNetWeights.writeRandom(to: other)
    file.tensors["p.m_head.weight"] = SafeTensors.Tensor(
      [Float](repeating: 0, count: 64 * 36), shape: [64, 4, 3, 3])
    try file.write(to: other)
    #expect(
      try Self.refusal(other)
        == "cannot use weights '\(other)': they are not USRNet-tiny's, tensor 'p.m_head.weight' is missing or of "
        + "another shape; convert the published file with scripts/convert_usrnet.py")
  }

  /// What the script makes of the published file's format is what the network reads.
  @Test(.enabled(if: Python.isPresent, "needs python3")) func `converted files`() throws {
    let folder = try TemporaryFolder()
    let (source, result) = (folder.file("tiny.pth").path, folder.file("tiny.safetensors").path)
    let example = "import sys, test_convert_usrnet as t; t.write_example(sys.argv[1])"
    #expect(try Python.run(["-c", example, source]).code == 0)
    let (code, output) = try Python.run(["convert_usrnet.py", source, result])
    try #require(code == 0, "\(output)")
    let resolver = try SuperResolver(weights: .file(result))
    #expect(resolver.name == "USRNet-tiny" && output.contains(resolver.sha256 ?? "no hash"))
    let file = try SafeTensors(path: result)
    for (number, (name, shape)) in USRNetWeights.layout.sorted(by: { $0.name < $1.name }).enumerated() {
      let expected = (0..<shape.reduce(1, *)).map { Float((131 * number + $0) % 4096 - 2048) / 1_048_576 }
      #expect(try file.floats(name) == expected, "\(name)")
    }
  }

  private static func refusal(_ path: String) throws -> String? {
    #expect(throws: SuperResolutionError.self) { try SuperResolver(weights: .file(path)) }?.description
  }
}
