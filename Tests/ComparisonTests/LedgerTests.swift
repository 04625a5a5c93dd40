import BlurKernels
import Comparison
import Foundation
import Support
import Testing

@Suite("Measurements on disk")
struct LedgerTests {
  let folder: TemporaryFolder
  var path: String { folder.file("measurements.jsonl").path }

  init() throws { folder = try TemporaryFolder() }

  static let kernel = KernelRecord(
    key: "k", of: "a picture", kernel: BlurKernel(side: 2, values: [0.1, 1.0 / 3, -1e-17, 0.5]),
    kernelNoise: 0.5, promise: KernelPromise(covarianceBound: 1.25, isConfident: false),
    seconds: 0.25, megabytes: 45.5)
  /// Two equal pictures differ by nothing.
  static let image = ImageRecord(
    key: "i", of: "another", psnr: .infinity, ssim: 1, seconds: 0.5, megabytes: 100)

  private func write() throws {
    let ledger = try Ledger(path: path)
    for outcome in [Outcome.kernel(Self.kernel), .image(Self.image), .failure("never kept")] {
      try ledger.append(outcome)
    }
  }

  private func content() throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  @Test func `everything comes back exactly`() throws {
    try write()
    let ledger = try Ledger(path: path)
    #expect(ledger.kernel("k") == Self.kernel && ledger.image("i") == Self.image)
    #expect(ledger.kernel("i") == nil)
    #expect(ledger.foreignLines.isEmpty)
    #expect(try content().count { $0 == UInt8(ascii: "\n") } == 2)
  }

  /// A crash may cut the last line anywhere: what is whole stays, and the next line does not grow onto the torn one.
  @Test func `torn last line is done again`() throws {
    try write()
    let whole = try content()
    let firstLine = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
    for cut in [1, 2, 40, whole.count - firstLine - 1] {
      try whole.dropLast(cut).write(to: URL(filePath: path))
      do {
        let ledger = try Ledger(path: path)
        #expect(ledger.kernel("k") == Self.kernel && ledger.image("i") == nil)
        #expect(ledger.foreignLines.isEmpty)
        try ledger.append(.image(Self.image))
      }
      #expect(try content() == whole)
    }
  }

  /// Named by their numbers, and left where they are.
  @Test func `foreign lines are named`() throws {
    try write()
    var text = String(decoding: try content(), as: UTF8.self)
    text =
      "# by hand\n\n" + text + #"{"kernel":{"key":"x","of":"","values":[1,2],"seconds":1,"megabytes":1}}"#
      + "\n"
    try Data(text.utf8).write(to: URL(filePath: path))
    let ledger = try Ledger(path: path)
    #expect(ledger.foreignLines == [1, 5])
    #expect(ledger.kernel("k") == Self.kernel && ledger.kernel("x") == nil)
    #expect(try content() == Data(text.utf8))
  }

  @Test func `two evaluations do not share one`() throws {
    let ledger = try Ledger(path: path)
    let error = #expect(throws: EvaluationError.self) { try Ledger(path: path) }
    #expect(
      error?.description == "cannot write '\(path)': another evaluation is writing to it; "
        + "wait for it, or choose another folder (--out)")
    try ledger.append(.kernel(Self.kernel))
  }

  @Test func `a place that cannot be opened`() throws {
    let wrong = folder.file("none/measurements.jsonl").path
    let error = #expect(throws: EvaluationError.self) { try Ledger(path: wrong) }
    #expect(
      error?.description
        == "cannot open '\(wrong)': No such file or directory; check the path, its permissions and the disk")
  }

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `full disk is told of`() throws {
    let disk = try SmallDisk(size: "64k")
    let ledger = try Ledger(path: disk.path + "/measurements.jsonl")
    try disk.fill("rest")
    let error = #expect(throws: EvaluationError.self) { try ledger.append(.kernel(Self.kernel)) }
    #expect(error?.description.contains("cannot write '\(disk.path)/measurements.jsonl'") == true)
  }
}
