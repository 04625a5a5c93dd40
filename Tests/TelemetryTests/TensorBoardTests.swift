import Foundation
import Imaging
import Support
import Telemetry
import Testing

/// TensorBoard's own reader, on a run that was resumed.
@Suite(.enabled(if: TensorBoard.isPresent, "needs python3 with tensorboard: scripts/setup --tests"))
struct TensorBoardTests {
  @Test func `reads a resumed training`() throws {
    let folder = try TemporaryFolder()
    let kernels = Picture(width: 23, height: 11, rgb: (0..<23 * 11 * 3).map { UInt8($0 % 256) })
    for (steps, quality) in [(0...9, 30.0), (6...12, 40.0)] {
      let events = try EventWriter(folder: folder.url.path, firstStep: steps.lowerBound)
      for step in steps { try events.figures(figures(step, quality), step: step) }
      try events.kernelPSNR(before: 25, after: quality, step: steps.upperBound)
      try events.kernels(kernels, task: 3, step: steps.upperBound)
      try events.flush()
    }
    let lines = try TensorBoard.read(folder.url.path)
    let curves = [
      "fleet/stragglers", "fleet/tasks_per_second", "fleet/workers", "gradient_norm/discriminator",
      "gradient_norm/generator", "loss/discriminator_meta", "loss/generator_meta", "loss/kernel",
      "noise_scale/generator",
    ].map { tag in "\(tag) " + (0...12).map { "\($0):\(value(tag, $0))" }.joined(separator: " ") }
    let atTheEnd = [
      "kernel_psnr/after_adaptation 12:40.0", "kernel_psnr/before_adaptation 12:25.0",
      "kernels/task_3 12:23x11, \(try kernels.encodePNG().count) bytes of PNG",
    ]
    #expect(lines == (curves + atTheEnd).sorted())
  }

  /// Values that a 32-bit float holds exactly. After the resumption from step 6 they differ.
  private func figures(_ step: Int, _ quality: Double) -> StepFigures {
    StepFigures(
      generatorLoss: Double(step) + quality, discriminatorLoss: 0, kernelLoss: -0.5,
      generatorGradientNorm: 1e-3,
      discriminatorGradientNorm: .infinity, tasksPerSecond: 18.25, stragglers: step, workers: 500,
      noiseScales: ["generator": 12.5])
  }

  private func value(_ tag: String, _ step: Int) -> String {
    switch tag {
    case "fleet/stragglers": "\(Double(step))"
    case "fleet/tasks_per_second": "18.25"
    case "fleet/workers": "500.0"
    case "gradient_norm/discriminator": "inf"
    case "gradient_norm/generator": "\(Double(Float(1e-3)))"
    case "loss/discriminator_meta": "0.0"
    case "noise_scale/generator": "12.5"
    case "loss/generator_meta": "\(Double(step) + (step < 6 ? 30 : 40))"
    default: "-0.5"
    }
  }
}

/// `tensorboard` as python3 finds it, or where scripts/setup puts it.
private enum TensorBoard {
  static let isPresent = (try? run("import \(package)"))?.code == 0

  private static let package = "tensorboard.backend.event_processing.event_accumulator"

  /// One line a tag: its name, and "step:value" of every event that is left.
  static func read(_ folder: String) throws -> [String] {
    let script = """
      import sys
      from \(package) import EventAccumulator
      events = EventAccumulator(sys.argv[1]).Reload()
      for tag in events.Tags()['scalars']:
          print(tag, *(f'{e.step}:{e.value}' for e in events.Scalars(tag)))
      for tag in events.Tags()['images']:
          for e in events.Images(tag):
              png = e.encoded_image_string
              print(tag, f'{e.step}:{e.width}x{e.height}, {len(png)} bytes of {png[1:4].decode()}')
      """
    let (code, output) = try run(script, folder)
    try #require(code == 0, "\(output)")
    return output.split(separator: "\n").map(String.init).sorted()
  }

  private static func run(_ script: String, _ arguments: String...) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-W", "ignore", "-c", script] + arguments
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONPATH"] = root.appending(path: ".build/tensorboard").path
    process.environment = environment
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, FileHandle.nullDevice)
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
