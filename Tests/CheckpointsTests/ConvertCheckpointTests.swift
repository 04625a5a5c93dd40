import Checkpoints
import Foundation
import Platform
import Support
import Testing

/// The script that turns the authors' PyTorch checkpoint into our file.
@Suite(.enabled(if: Python.isPresent, "needs python3"))
struct ConvertCheckpointTests {
  @Test(arguments: ["test_convert_checkpoint", "test_convert_usrnet", "test_lint", "test_train_enlarger"])
  func `the scripts pass their own tests`(module: String) throws {
    let (code, output) = try Python.run(["-m", "unittest", module])
    #expect(code == 0, "\(output)")
  }

  @Test func `a converted file is a checkpoint`() throws {
    let folder = try TemporaryFolder()
    let (source, result) = (folder.file("latest.pt").path, folder.file("x2.safetensors").path)
    let example = "import sys, test_convert_checkpoint as t; t.write_example(sys.argv[1])"
    #expect(try Python.run(["-c", example, source]).code == 0)
    let (code, output) = try Python.run(["convert_checkpoint.py", source, result])
    try #require(code == 0, "\(output)")

    let checkpoint = try Checkpoint(path: result, expecting: Network.layout)
    #expect(checkpoint.metadata["step"] == "100000")
    #expect(try checkpoint.metadata["converted_from_sha256"] == SHA256.hex(ofFile: source))
    #expect(output.contains(checkpoint.sha256))
    let sorted = Network.layout.sorted { $0.name < $1.name }
    for (number, (name, shape)) in sorted.enumerated() {
      let expected = (0..<shape.reduce(1, *)).map { Float((131 * number + $0) % 4096 - 2048) / 1024 }
      #expect(checkpoint.values(name) == expected, "\(name)")
    }
    // Both writers agree on every byte of the header.
    #expect(try SafeTensors(path: result).encoded() == Array(Data(contentsOf: URL(filePath: result))))
  }
}
