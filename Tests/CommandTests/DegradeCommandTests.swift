import BlurKernels
import Foundation
import Imaging
import Platform
import Support
import Testing

@Suite("metakernelgan degrade", .tags(.slow))
struct DegradeCommandTests {
  private let fixtures: Fixtures

  init() throws {
    fixtures = try Fixtures()
    try FileManager.default.createDirectory(
      at: fixtures.folder.file("hr"), withIntermediateDirectories: true)
    _ = try fixtures.picture("hr/one.png", width: 61, height: 46, key: 1)
    _ = try fixtures.picture("hr/two.png", width: 48, height: 48, key: 2)
  }

  private func degrade(
    _ out: String, _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Program.Outcome {
    try Program.run(
      ["degrade", fixtures.path("hr"), "--out", fixtures.path(out)] + options, environment: environment)
  }

  @Test func `all four degradations are made`() throws {
    let run = try degrade("bench")
    #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output == "2 pictures of 2 in \(fixtures.path("bench"))\n")
    for recipe in BenchmarkRecipe.allCases {
      let low = try Picture.read(fixtures.path("bench/\(recipe.folder())/LR/one.png"))
      #expect(low.width == 61 / recipe.scale && low.height == 46 / recipe.scale)
      let kernel = try BlurKernel.read(fixtures.path("bench/\(recipe.folder())/kernel/one.mat"))
      let draw = try recipe.draw(seed: 0, name: "one")
      #expect(kernel == draw.kernel)
      let high = try Picture.read(fixtures.path("hr/one.png"))
      #expect(try kernel.degrade(high, scale: recipe.scale, noise: draw.noise).samples == low.samples)
    }
  }

  /// A further picture, broken or not, changes nothing of the others; a broken one is named.
  @Test func `pictures are independent and broken ones named`() throws {
    let options = ["--degradation", "x2-noise-image", "--seed", "7"]
    #expect(try degrade("before", options).code == 0)
    _ = try fixtures.picture("hr/another.png", key: 3)
    try Data("no picture".utf8).write(to: fixtures.folder.file("hr/broken.png"))
    let run = try degrade("after", options)
    #expect(run.code == 65 && run.errorLines.count == 1 && run.errors.contains("broken.png"), "\(run.errors)")
    #expect(run.output.hasPrefix("3 pictures of 4 in "))
    for file in ["LR/one.png", "LR/two.png", "kernel/one.mat"] {
      let name = "x2_noise_img/\(file)"
      #expect(try fixtures.bytes("before/\(name)") == fixtures.bytes("after/\(name)"))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixtures.path("after")) == ["x2_noise_img"])
  }

  /// What was made is what `evaluate` takes, originals and all; twice, since links are there the second time.
  @Test func `what was made can be evaluated`() throws {
    for _ in 0..<2 {
      let made = try degrade("bench", ["--degradation", "x2"])
      #expect(made.code == 0 && made.errors.isEmpty, "\(made.errors)")
    }
    let run = try Program.run([
      "evaluate", "--bench", fixtures.path("bench/x2_clean"), "--checkpoint", fixtures.checkpoint, "--steps",
      "0",
      "--runs", "1", "--out", fixtures.path("evaluation"),
    ])
    #expect(run.code == 0 && run.output.contains("Means over 2 pictures"), "\(run.errors)")
  }

  /// What is no picture is passed over with a note; names of old systems are taken.
  @Test func `folders may hold other things`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: fixtures.path("hr/gone.png"), withDestinationPath: fixtures.path("nothing.png"))
    for name in ["._one.png", ".DS_Store", "notes.txt"] {
      try Data([1]).write(to: fixtures.folder.file("hr/" + name))
    }
    let latin = FileName.decode(Array("hr/caf".utf8) + [0xE9] + Array(".png".utf8))
    try writeAtomically(Array(fixtures.bytes("hr/one.png")), to: fixtures.path("") + "/" + latin)
    let run = try degrade("bench", ["--degradation", "x2"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      run.errorLines.count == 1 && run.errors.contains("passed over 1 link that leads nowhere: gone.png"))
    #expect(run.output.hasPrefix("3 pictures of 3 in "))
    #expect(try Folder.names(in: fixtures.path("bench/x2_clean/LR")).contains(FileName.last(latin)))
  }

  @Test func `folders that cannot be used end it in one line`() throws {
    let missing = try Program.run(["degrade", fixtures.path("none"), "--out", fixtures.path("bench")])
    #expect(missing.code == 65 && missing.errorLines.count == 1 && missing.errors.contains("none"))
    let empty = try Program.run(["degrade", fixtures.folder.url.path, "--out", fixtures.path("bench")])
    #expect(empty.code == 65 && empty.errors.contains("holds no picture that can be read"))
    try Data().write(to: fixtures.folder.file("file"))
    let blocked = try degrade("file")
    #expect(blocked.code == 73 && blocked.errorLines.count == 1)
    try Data().write(to: fixtures.folder.file("hr/one.jpg"))
    let twice = try degrade("bench")
    #expect(twice.code == 65 && twice.errors.contains("would write the same files; rename one"))
  }

  /// What was asked for happened, in a folder that says so, and the same with and without vector instructions, which
  /// trainings on JPEGs rely on.
  @Test func `departures from the paper's degradations are made`() throws {
    let options = ["--kernels", "mixed", "--camera-noise", "7.5", "--jpeg", "60", "--seed", "3"]
    #expect(try degrade("here", options).code == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixtures.path("here")) == [
        "x2_mixed_camera7.5_jpeg60"
      ])
    let plain = ["JSIMD_FORCENONE": "1", "METAKERNELGAN_ISA": "avx2"]
    #expect(try degrade("there", options, environment: plain).code == 0)
    let names = ["LR/one.png", "LR/two.png", "kernel/one.mat"].map { "x2_mixed_camera7.5_jpeg60/\($0)" }
    for name in names { #expect(try fixtures.bytes("here/\(name)") == fixtures.bytes("there/\(name)")) }
    let draw = try BenchmarkRecipe.x2.draw(
      seed: 3, name: "one",
      variation: BenchmarkVariation(kernels: .mixed, noise: .camera(level: 7.5), jpegQuality: 60))
    let low = try draw.degrade(Picture.read(fixtures.path("hr/one.png")), scale: 2)
    #expect(try Picture.read(fixtures.path("here/\(names[0])")).samples == low.samples)
  }

  /// A camera's folder is a benchmark by itself, its originals included, and the same with and without vector instructions.
  @Test func `cameras bring their originals`() throws {
    for camera in Camera.Kind.allCases {
      let options = ["--camera", camera.rawValue, "--bits", "12", "--resize", "0.8", "--degradation", "x4"]
      #expect(try degrade("here", options).code == 0)
      #expect(try degrade("there", options, environment: ["METAKERNELGAN_ISA": "avx2"]).code == 0)
      let folder = "x4_\(camera)_resize0.8_12bit"
      for file in ["LR/one.png", "HR/one.png", "kernel/one.mat"] {
        #expect(try fixtures.bytes("here/\(folder)/\(file)") == fixtures.bytes("there/\(folder)/\(file)"))
      }
      let (low, high) = (
        try Picture.read(fixtures.path("here/\(folder)/LR/one.png")),
        try Picture.read(fixtures.path("here/\(folder)/HR/one.png"))
      )
      #expect(low.maximum == 65535 && high.width == 4 * low.width && high.height == 4 * low.height)
      #expect(try BlurKernel.read(fixtures.path("here/\(folder)/kernel/one.mat")).side == 21)
    }
  }

  @Test(arguments: [
    (["--kernels", "star"], "'star'"),
    (["--jpeg", "0"], "--jpeg must be from 1 to 100."),
    (["--noise", "300"], "--noise must be from 0 to 255."),
    (["--camera-noise=-1"], "--camera-noise must be from 0 to 255."),
    (["--noise", "5", "--camera-noise", "5"], "--noise and --camera-noise: choose one."),
    (["--grey-noise", "5", "--camera", "photo"], "--grey-noise and --camera: choose one."),
    (["--iso", "400"], "Settings of a camera need --camera photo, scan or screenshot."),
    (["--camera", "photo", "--iso", "20"], "--iso must be from 50 to 25600."),
    (["--camera", "phone"], "'phone'"),
    (["--jpeg", "50", "--degradation", "x2-noise-image"], "vary the degradations x2 and x4 only."),
  ])
  func `wrong options are named`(options: [String], text: String) throws {
    let run = try degrade("bench", options)
    #expect(run.code == 64 && run.errors.contains(text), "\(run.errors)")
  }
}
