import Foundation
import Platform
import Support
import Testing

/// Processors, numbers of jobs and signals change no kernel that is written.
@Suite("metakernelgan estimate, processors and signals", .tags(.slow))
struct EstimateProcessTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// A picture's kernel depends on the picture, the start and the seed: not on the processor, on how many are worked
  /// on at a time, or on what came before.
  @Test func `kernels have the same bytes on every processor and for any number of jobs`() throws {
    let pictures = try (0..<4).map {
      try fixtures.picture("p\($0).png", width: 100 + 30 * $0, key: UInt64($0))
    }
    let runs: [(name: String, arguments: [String], environment: [String: String])] = [
      ("one", ["--jobs", "1"], [:]), ("two", ["--jobs", "2"], [:]), ("many", ["--jobs", "8"], [:]),
      ("avx2", ["--jobs", "2"], ["METAKERNELGAN_ISA": "avx2"]),
    ]
    for (name, arguments, environment) in runs {
      let run = try fixtures.estimate(
        pictures + ["--steps", "60", "--out", fixtures.path(name)] + arguments, environment: environment)
      #expect(run.code == 0, "\(run.errors)")
    }
    for index in 0..<4 {
      for format in ["npy", "mat", "png"] {
        let file = "p\(index)_kernel_x2.\(format)"
        let expected = try fixtures.bytes("one/" + file)
        for (name, _, _) in runs.dropFirst() {
          #expect(try fixtures.bytes("\(name)/\(file)") == expected, "\(name) \(file)")
        }
      }
    }
    let alone = try fixtures.estimate([pictures[2], "--steps", "60", "--out", fixtures.path("alone")])
    #expect(alone.code == 0)
    #expect(try fixtures.bytes("alone/p2_kernel_x2.npy") == fixtures.bytes("one/p2_kernel_x2.npy"))
    let other = try fixtures.estimate([
      pictures[2], "--steps", "60", "--seed", "1", "--out", fixtures.path("seed"),
    ])
    #expect(other.code == 0)
    #expect(try fixtures.bytes("seed/p2_kernel_x2.npy") != fixtures.bytes("one/p2_kernel_x2.npy"))
  }

  /// Ctrl-C: what is finished stays, whole; nothing of the others is left; one line says how many.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func `a signal ends it between pictures`(signal: Int32, code: Int32) throws {
    let pictures = try (0..<3).map { try fixtures.picture("p\($0).png") }
    let program = try RunningProgram(
      [
        "estimate", "--checkpoint", fixtures.checkpoint, "--steps", "40000", "--jobs", "1", "--format",
        "npy,json",
      ]
        + ["--out", fixtures.path("out")] + pictures,
      environment: [:], errors: fixtures.folder.file("errors"))
    // The folder is made right before the first picture is begun.
    while !FileManager.default.fileExists(atPath: fixtures.path("out")) { usleep(10_000) }
    // A signal that comes before the first picture is worked on ends it as well, without a line.
    // Half a second is far more than the start takes.
    try wait(for: "work on the first picture") { program.processorTime > 50 }
    try wait(for: "its end", log: program.errors) {
      program.kill(signal)
      return !program.isRunning
    }
    #expect(try program.end() == code)
    #expect(program.errors.contains("interrupted; 0 of 3 pictures are finished"), "\(program.errors)")
    #expect(try Folder.names(in: fixtures.path("out")).isEmpty)
  }

  @Test func `a processor without AVX2 is told so in one sentence`() throws {
    let run = try fixtures.estimate(
      [try fixtures.picture("a.png")], environment: ["METAKERNELGAN_ISA": "none"])
    #expect(run.code == 69)
    #expect(run.errorLines.count == 1 && run.errors.contains("lacks AVX2 and FMA"))
  }

  private static let emulator = "/usr/bin/qemu-x86_64"

  /// On a processor that would die of the first AVX2 instruction (an emulated Nehalem).
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: emulator), "needs qemu-user"))
  func `an old processor is told, not killed`() throws {
    let run = try Program.run(
      ["estimate", "a.png", "--checkpoint", fixtures.checkpoint], under: [Self.emulator, "-cpu", "Nehalem"])
    #expect(run.code == 69)
    #expect(run.errors.contains("lacks AVX2 and FMA"), "\(run.errors)")
  }
}
