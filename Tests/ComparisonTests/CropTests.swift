import BlurKernels
import Comparison
import Estimation
import Foundation
import Imaging
import SuperResolution
import Testing

/// `evaluate --crop`: the drawn pictures are of 150x132 pixels, their low-resolution ones of 75x66. Of these, 32x32 pixels are used.
@Suite("Evaluations of pictures' central parts")
struct CropTests {
  let fixtures: Fixtures
  static let region = PicturePart(top: 17, left: 21, width: 32, height: 32)

  init() throws { fixtures = try Fixtures() }

  private func path(_ name: String) -> String { fixtures.folder.file(name).path }

  private func low(_ name: String) throws -> Picture { try Picture.read(path("x2_drawn/LR/\(name).png")) }

  private func original(_ name: String) throws -> Picture { try Picture.read(path("HR/\(name).png")) }

  private func dipSoftmax() throws -> [ComparedMethod] {
    try ComparedMethod.all(
      [DIPSoftmaxMethod.self], weights: [], options: MethodOptions(), steps: [.number(2)])
  }

  /// The figures of rows, without what differs from run to run.
  private func figures(_ evaluation: Evaluation, _ ledger: Ledger) -> [[String]] {
    evaluation.scores(in: ledger).map { score in
      let all = [
        score.imagePSNR, score.imageSSIM, score.kernelPSNR, score.covarianceDistance, score.reblurredPSNR,
      ]
      return [score.picture, score.method] + all.map { $0.map { "\($0)" } ?? "" }
    }
  }

  @Test func `a central part lies in the middle of every size and is no larger than asked for`() {
    for (width, height) in [(1, 1), (31, 200), (75, 66), (76, 67), (200, 31)] {
      let size = PictureSize(width: width, height: height)
      for side in [1, 2, 31, 32, 75, 76, 500] {
        let part = PicturePart(centreOf: size, atMost: side)
        #expect(part.width == min(width, side) && part.height == min(height, side))
        let (below, right) = (height - part.top - part.height, width - part.left - part.width)
        #expect((0...1).contains(below - part.top) && (0...1).contains(right - part.left))
        for scale in [2, 4] {
          let large = part.enlarged(by: scale)
          #expect(large.top == scale * part.top && large.left == scale * part.left)
          #expect(large.size == part.size.enlarged(by: scale))
        }
      }
    }
  }

  /// Away from its border, the original's part is blurred and reduced to the low-resolution picture's part: both are of
  /// the same place, in the phase of the benchmark's reduction.
  @Test(arguments: [2, 4], [(150, 132), (151, 133), (155, 133), (300, 90), (90, 301)])
  func `both pictures are cropped at the same place`(scale: Int, size: (width: Int, height: Int)) throws {
    try fixtures.draw("c", key: 7, width: 2 * size.width, height: 2 * size.height)
    let whole = try original("c").part(rows: 1..<1 + size.height, columns: 0..<size.width)
    try whole.writePNG(path("HR/c.png"))
    let kernel = try scale == 4 ? fixtures.kernel.x4() : fixtures.kernel
    try kernel.degrade(whole, scale: scale).writePNG(path("x2_drawn/LR/c.png"))
    try kernel.write(to: path("x2_drawn/kernel/c.mat"))
    let bench = try Bench(folder: fixtures.bench, scale: scale, crop: 101, noises: [.paper])
    let pair = try #require(bench.pairs.first { $0.name == "c" })
    let region = try #require(pair.region)
    let most = 101 / scale
    #expect(
      region.width == min(size.width / scale, most) && region.height == min(size.height / scale, most))
    #expect(pair.pixels == region.width * region.height)
    let again = try kernel.degrade(whole.part(region.enlarged(by: scale)), scale: scale)
    let used = try low("c").part(region)
    #expect(again.size == used.size)
    for row in 6..<region.height - 6 {
      for column in 6..<region.width - 6 {
        #expect(abs(again[row, column, 1] - used[row, column, 1]) < 1.5 / 255, "\(row), \(column)")
      }
    }
  }

  @Test func `a crop larger than every picture changes no measurement`() throws {
    let ledger = try fixtures.ledger()
    let whole = try fixtures.evaluation(runs: 1, steps: [.number(2)])
    _ = try whole.run(ledger, jobs: 2, measure: RunTests.measure)
    for crop in [150, 4096] {
      let evaluation = try fixtures.evaluation(runs: 1, steps: [.number(2)], crop: crop)
      #expect(evaluation.benches[0].pairs.allSatisfy { $0.region == nil })
      #expect(evaluation.outstanding(in: ledger) == 0)
      #expect(figures(evaluation, ledger) == figures(whole, ledger))
      let text = evaluation.report(from: ledger, faults: []).markdown
      #expect(text.contains("(--crop \(crop)), which concerns 0 of 2 pictures."))
    }
  }

  @Test func `measurements with and without a crop share nothing`() throws {
    let ledger = try fixtures.ledger()
    let sides: [Int?] = [nil, 64, 80]
    let all = try sides.map { try fixtures.evaluation(runs: 1, steps: [.number(2)], crop: $0) }
    var before: [[[String]]] = []
    for evaluation in all {
      #expect(evaluation.outstanding(in: ledger) == 2 + 2 + 4)
      #expect(try evaluation.run(ledger, jobs: 2, measure: RunTests.measure) == [])
      #expect(evaluation.outstanding(in: ledger) == 0)
      before.append(figures(evaluation, ledger))
    }
    #expect(all.map { figures($0, ledger) } == before)
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
      #expect(zip(before[one], before[other]).allSatisfy { $0 != $1 })
    }
    // Sides that give the same part share all.
    let same = try fixtures.evaluation(runs: 1, steps: [.number(2)], crop: 65)
    #expect(same.outstanding(in: ledger) == 0)
  }

  @Test func `keys of kernels tell parts of a picture apart`() throws {
    let method = try #require(try dipSoftmax().first)
    let file = Bench.File(path: "p", sha256: "1")
    let regions: [PicturePart?] = [
      nil, Self.region, PicturePart(top: 17, left: 20, width: 32, height: 32),
      PicturePart(top: 17, left: 21, width: 32, height: 31),
    ]
    let keys = regions.map {
      KernelKey(version: "1", picture: file, region: $0, scale: 2, method: method, seed: 0, steps: 1).hash
    }
    #expect(Set(keys).count == keys.count)
    #expect(
      keys[0] == KernelKey(version: "1", picture: file, scale: 2, method: method, seed: 0, steps: 1).hash)
  }

  /// Every row, whoever made it, is compared with the same part of the original.
  @Test func `all rows are measured on the same parts`() throws {
    try FileManager.default.createDirectory(
      at: fixtures.folder.file("mine"), withIntermediateDirectories: true)
    // Another tool's pictures: one of the whole original, one of its part.
    try original("a").writePNG(path("mine/a.png"))
    try original("b").part(Self.region.enlarged(by: 2)).writePNG(path("mine/b.png"))
    let evaluation = try fixtures.evaluation(
      runs: 1, results: [.init(name: "mine", folder: path("mine"))], crop: 64, methods: dipSoftmax())
    #expect(evaluation.results[0].notes.isEmpty && evaluation.results[0].faults.isEmpty)
    let ledger = try fixtures.ledger()
    #expect(try evaluation.run(ledger, jobs: 2, measure: RunTests.measure) == [])
    let scores = evaluation.scores(in: ledger)
    #expect(scores.allSatisfy { $0.crop == 64 })
    func row(_ name: String) -> [Score] { scores.filter { $0.method == name } }
    #expect(row("mine, own picture").map(\.imagePSNR) == [.infinity, .infinity])
    let truth = row("true kernel, noise 0")
    #expect(
      truth.map(\.reblurredPSNR) == [.infinity, .infinity], "what lies around the part is blurred into it")
    let resolver = try SuperResolver(weights: EnlargerChoice("closed-form"))
    for (bicubic, truth) in zip(row("bicubic"), truth) {
      let part = try low(bicubic.picture).part(Self.region)
      let original = try original(bicubic.picture).part(Self.region.enlarged(by: 2))
      let plain = try ImageQuality(of: part.bicubic(scale: 2), against: original, border: 2)
      #expect(bicubic.imagePSNR == plain.psnr && bicubic.imageSSIM == plain.ssim)
      let enlarged = try resolver.enlarge(
        part, kernel: fixtures.kernel, scale: 2, noise: 0, border: .continued)
      let quality = try ImageQuality(of: enlarged, against: original, border: 2)
      #expect(abs(try #require(truth.imagePSNR) - quality.psnr) < 0.01)
    }
    let report = evaluation.report(from: ledger, faults: [], against: "bicubic")
    let differences = try Document(report).differences.filter { $0.measure == "image_psnr" }
    #expect(
      differences.map(\.method) == ["dip-softmax", "dip-softmax, own picture", "true kernel, noise 0"])
    #expect(differences.allSatisfy { $0.pictures == 2 })
    // Low resolution, bicubic, a kernel's and the method's own picture, the other tool's, true kernel, original.
    let page = report.page(evaluation.gallery(from: ledger))
    #expect(page.components(separatedBy: "class=\"crop\"").count - 1 == 2 * 7)
  }

  /// The method sees the part alone, as `estimate --crop` has it, and its own picture is one of all that it saw.
  @Test func `a method that makes the picture has its own row`() throws {
    let evaluation = try fixtures.evaluation(runs: 1, crop: 64, methods: dipSoftmax())
    let ledger = try fixtures.ledger()
    #expect(try evaluation.run(ledger, jobs: 2, measure: RunTests.measure) == [])
    let own = evaluation.scores(in: ledger).filter { $0.method == "dip-softmax, own picture" }
    #expect(own.count == 2 && own.allSatisfy { $0.imagePSNR?.isFinite == true && $0.steps == 2 })
    for order in try evaluation.missingKernels(in: fixtures.ledger("none")) {
      guard case .estimate(let estimate) = order else { continue }
      var options = MethodOptions()
      (options.steps, options.crop) = (2, 64)
      let found = try DIPSoftmaxMethod(options).estimate(
        Picture.read(estimate.picture), scale: 2, seed: 0, recording: [], onStep: { _ in })
      let wanted = try #require(estimate.wanted.first)
      #expect(ledger.kernel(wanted.key)?.kernel == found.kernel)
      #expect(try Picture.read(wanted.ownPicture).size == PictureSize(width: 64, height: 64))
    }
  }

  @Test func `the noise is measured in the part that is used`() throws {
    let bench = try Bench(folder: fixtures.bench, crop: 100, noises: [.estimated])
    for pair in bench.pairs {
      let part = try low(pair.name).part(#require(pair.region))
      #expect(pair.levels == [.estimated: part.enlargingNoise().level])
    }
  }

  /// The paper's figures are of whole pictures: they stand beside such alone.
  @Test func `reports say which pictures are cropped`() throws {
    let set14 = [
      "baboon", "barbara", "bridge", "coastguard", "comic", "face", "flowers", "foreman", "lenna", "man",
      "monarch", "pepper", "ppt3", "zebra",
    ]
    func report(_ cropped: [String]) throws -> Report {
      let head = Report.Head(
        bench: "x2_clean", scale: 2, pictures: set14, runs: 1, enlarging: nil,
        crop: .init(side: 600, pictures: cropped))
      return Report(heads: [head], scores: ReportTests.scores, faults: [])
    }
    let cropped = try report(["barbara", "monarch"])
    let sentence =
      "Only the central 600x600 pixels of each original were used, as far as it is larger (--crop 600), which concerns "
      + "2 of 14 pictures."
    #expect(cropped.markdown.contains("Kernels only. " + sentence) && cropped.page(.empty).contains(sentence))
    let crop = try #require(try Document(cropped).benches[0].head.crop)
    #expect(crop.side == 600 && crop.pictures == ["barbara", "monarch"])
    #expect(!cropped.markdown.contains("paper: MetaKernelGAN (Tables 1, 2)"))
    #expect(!cropped.markdown.contains("(Table 5)"))
    #expect(try report([]).markdown.contains("| paper: MetaKernelGAN (Tables 1, 2) "))
  }
}

/// What a report says of one benchmark.
private struct Document: Decodable {
  struct Bench: Decodable {
    struct Head: Decodable { let crop: Report.Crop? }
    let head: Head
    let differences: [Difference]?
  }
  struct Difference: Decodable { let method, measure: String, pictures: Int }
  let benches: [Bench]

  init(_ report: Report) throws { self = try JSONDecoder().decode(Document.self, from: report.json()) }

  var differences: [Difference] { benches.flatMap { $0.differences ?? [] } }
}
