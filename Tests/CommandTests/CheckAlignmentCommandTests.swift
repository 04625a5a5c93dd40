import Foundation
import Imaging
import Support
import Testing

@Suite("metakernelgan check-alignment", .tags(.slow))
struct CheckAlignmentCommandTests {
  /// Converted kernels give unmoved pictures; those taken by the wrong rule are off by what the conventions differ in.
  @Test(arguments: [2, 4]) func `only unconverted kernels move the picture`(scale: Int) throws {
    let folder = try TemporaryFolder()
    let run = try Program.run([
      "check-alignment", "--scale", "\(scale)", "--out", folder.file("sheet.png").path,
    ])
    #expect(run.code == 0 && run.errors.isEmpty, "\(run.output)\(run.errors)")
    let lines = run.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: " ").map(String.init)
    }
    #expect(lines.map { $0[0] } == ["fkp", "kernelgan", "usrnet", "usrnet-shifted"])
    let moves = [0, Double(scale - 1), Double(scale - 1) / 2, 0]
    for (line, move) in zip(lines, moves) {
      try #require(line.count == 11, "\(line)")
      let asOurs = line[1...2].compactMap(Double.init)
      let converted = line[6...7].compactMap(Double.init)
      // What the enlarged picture lacks in detail makes the measured moves a little wrong: 0.02 at worst.
      #expect(asOurs.count == 2 && asOurs.allSatisfy { abs($0 - move) < 0.1 }, "\(line)")
      #expect(converted.count == 2 && converted.allSatisfy { abs($0) < 0.1 }, "\(line)")
    }
    #expect(try Picture.read(folder.file("sheet.png").path).width == 5 * 200 + 4 * 4)
  }

  @Test func `an unusable picture is named`() throws {
    let run = try Program.run(["check-alignment", "/nowhere/photo.png"])
    #expect(run.code == 65 && run.errorLines.count == 1 && run.errors.contains("photo.png"))
  }
}
