import BlurKernels
import Checkpoints
import Estimation
import Foresight
import Foundation
import Imaging
import Networks
import Support
import Testing

/// Which weights answer which picture, and that reports name the files that were used.
@Suite("Routing of weights")
struct PredictionRoutingTests {
  private static let picture = EstimatorTests.picture(256, 240)

  private static func estimate(
    _ options: MethodOptions, _ picture: Picture, scale: Int = 2, recording: [Int] = []
  ) throws -> Estimate {
    try MetaKernelGANMethod(options).estimate(
      picture, scale: scale, seed: 0, recording: recording, onStep: { _ in })
  }

  private static func names(_ checkpoints: [Checkpoint?]) -> [String] {
    checkpoints.compactMap { $0.map { URL(filePath: $0.path).deletingPathExtension().lastPathComponent } }
  }

  @Test(arguments: [
    (2, false, ["x2", "x2-jpeg"]), (2, true, ["x2-jpeg"]), (4, false, ["x4", "x4-jpeg"]),
    (4, true, ["x4-jpeg", "x2-jpeg"]),
  ])
  func `shipped weights by scale and JPEG`(scale: Int, wasJPEG: Bool, expected: [String]) throws {
    let picture = wasJPEG ? try Self.picture.throughJPEG(quality: 60) : Self.picture
    #expect((picture.jpegTrace != nil) == wasJPEG)
    let found = try Self.estimate(MethodOptions(), picture, scale: scale)
    #expect(Self.names([found.start] + found.averagedWith) == expected)
    #expect(found.networks == nil && found.losses.isEmpty, "nothing is adapted")
    #expect(found.kernel.side == (scale == 2 ? 11 : 21))
  }

  /// The table has one row for each kind of picture, of files that are shipped.
  @Test func `the table is whole`() {
    let rows = ShippedWeights.routes.map { "\($0.scale) \($0.wasJPEG)" }
    #expect(rows.sorted() == ["2 false", "2 true", "4 false", "4 true"])
    for file in ShippedWeights.File.allCases { #expect(ShippedWeights.path(file) != nil, "\(file)") }
    let used = Set(ShippedWeights.routes.flatMap(\.files))
    #expect(used == Set(ShippedWeights.File.predicting))
  }

  /// Without steps the predicted kernel is the result, in the bytes that adaptation starts from.
  @Test func `adaptation starts at the result of no steps`() throws {
    var options = MethodOptions()
    let predicted = try Self.estimate(options, Self.picture, recording: [0])
    #expect(predicted.recorded[0] == predicted.kernel)
    options.steps = 2
    let adapted = try Self.estimate(options, Self.picture, recording: [0, 2])
    #expect(adapted.recorded[0] == predicted.kernel && adapted.kernel != predicted.kernel)
    #expect(adapted.losses.count == 2 && adapted.spread == predicted.spread)
    #expect(Self.names([adapted.start, adapted.networks]) == ["x2", "networks"])
  }

  @Test func `mode paper predicts nothing`() throws {
    var options = MethodOptions()
    (options.mode, options.steps) = (.paper, 1)
    let found = try Self.estimate(options, Self.picture)
    #expect(Self.names([found.start] + found.averagedWith + [found.networks]) == ["networks"])
    #expect(found.spread == nil)
    let method = try MetaKernelGANMethod(options)
    #expect(method.identity == found.start?.sha256 && method.mode == .paper)
  }

  /// The identity has the hash of every file that an estimate may use, each once.
  @Test func `the identity names every file`() throws {
    let hashes = try ([.networks] + ShippedWeights.File.predicting).map { file in
      let path = try #require(ShippedWeights.path(file))
      return try Checkpoint(path: path, anyOf: [.networks, .prediction]).sha256
    }
    #expect(try MetaKernelGANMethod(MethodOptions()).identity == hashes.dropFirst().joined(separator: "+"))
    var options = MethodOptions()
    options.steps = 1
    #expect(
      try MetaKernelGANMethod(options).identity
        == (hashes.dropFirst() + [hashes[0]]).joined(separator: "+"))
  }

  /// A file may hold either part or both; a part gives what it gives in a file with both, and a mode whose part is
  /// missing is refused with the mode that works.
  @Test func `a named checkpoint may hold either part`() throws {
    let folder = try TemporaryFolder()
    let networks = NetworkState(.paper, freshFrom: 1).tensors
    let prediction = PredictionParameters(freshFrom: 1).tensors()
    func options(_ name: String, _ mode: MethodOptions.Mode? = nil) -> MethodOptions {
      var options = MethodOptions()
      (options.checkpoint, options.mode) = (folder.file(name).path, mode)
      if mode == .paper { options.steps = 1 }
      return options
    }
    for (name, tensors) in [
      ("networks", networks), ("prediction", prediction),
      ("both", networks.merging(prediction) { a, _ in a }),
    ] {
      try SafeTensors(tensors: tensors).write(to: folder.file(name).path)
    }
    #expect(try MetaKernelGANMethod(options("networks")).mode == .paper)
    #expect(try MetaKernelGANMethod(options("prediction")).mode == .best)
    #expect(try MetaKernelGANMethod(options("both")).mode == .best)
    for mode in MethodOptions.Mode.allCases {
      let alone = options(mode == .best ? "prediction" : "networks", mode)
      let both = try Self.estimate(options("both", mode), Self.picture)
      #expect(try Self.estimate(alone, Self.picture).kernel == both.kernel, "\(mode)")
      #expect(Self.names([both.start] + both.averagedWith + [both.networks]) == ["both"])
    }
    #expect(throws: EstimationError.noPrediction(file: folder.file("networks").path)) {
      try MetaKernelGANMethod(options("networks", .best))
    }
    #expect(throws: EstimationError.noNetworks(file: folder.file("prediction").path)) {
      try MetaKernelGANMethod(options("prediction", .paper))
    }
    // Adaptation needs the other network, too: the shipped one.
    var adapting = options("prediction")
    adapting.steps = 1
    let adapted = try Self.estimate(adapting, Self.picture)
    #expect(Self.names([adapted.start, adapted.networks]) == ["prediction", "networks"])
  }

  /// 12-bit data in 16 bits give the kernel of full contrast in every way that predicts, with a note.
  @Test(arguments: [2, 4]) func `dim 16-bit pictures give the same kernel`(scale: Int) throws {
    let values = Self.picture.rgb8.enumerated().map { $0 == 0 ? 4095 : UInt16($1) << 4 | UInt16($1) >> 4 }
    func picture(_ shift: UInt16) -> Picture {
      Picture(width: 256, height: 240, samples: .bits16(values.map { $0 << shift }))
    }
    let full = try Self.estimate(MethodOptions(), picture(4), scale: scale)
    let dim = try Self.estimate(MethodOptions(), picture(0), scale: scale)
    #expect(dim.kernel == full.kernel && dim.spread == full.spread)
    #expect(full.notes.isEmpty && dim.notes.count == 1 && dim.notes[0].contains("1/16 of its 16-bit range"))
  }
}
