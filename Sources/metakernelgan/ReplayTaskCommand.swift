import ArgumentParser
import Checkpoints
import Foundation
import MetaLearning
import Platform
import RunDirectory
import Training
import TrainingData

struct ReplayTaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay-task",
    abstract: "Compute one task of a run again, in this process, and print what it comes to.",
    discussion: """
      For tasks that crash whoever computes them, that diverge, or over whose results workers differ. Needs the run's \
      folder with the checkpoint of that step (a run that stops itself writes it).
      """)

  @Option(name: .customLong("run"), help: "Folder of the run.", completion: .directory)
  var runFolder = "run"

  @Option(help: "The task's outer step. (default: that of the newest checkpoint)")
  var step: Int?

  @Option(help: "The task's index within the step.")
  var index: Int

  func run() throws {
    try Exit.unlessVectorUnit()
    let folder = RunFolder(runFolder)
    do {
      let state = try TrainingState.read(try checkpoint(folder)).state
      let yaml = try folder.loadConfiguration() ?? ""
      let source = try RunConfiguration(yaml: yaml, source: folder.configuration).pictureSource
      let task = try TaskSampler(PictureSet(source, file: folder.pictures), state.settings).task(
        step: state.step, index: index)
      Console.note("seed \(state.settings.seed), step \(state.step), index \(index)")
      report(
        try TaskRunner(predicting: state.settings.predicts).run(
          task, from: state.parameters, state.settings.taskLoop,
          weights: state.settings.intervalWeights(at: state.step)))
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }

  private func checkpoint(_ folder: RunFolder) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.checkpoints).sorted()
    let wanted = step.map { String(format: "step-%09d.safetensors", $0) }
    guard let name = names.last(where: { $0 == wanted ?? $0 && $0.hasSuffix(".safetensors") }) else {
      throw ValidationError("\(folder.checkpoints): no checkpoint" + (step.map { " of step \($0)" } ?? ""))
    }
    return folder.checkpoints + "/" + name
  }

  private func report(_ outcome: TaskOutcome) {
    let size = outcome.gradient.withUnsafeBufferPointer { norm($0) }
    Console.result("gradient norm \(size)")
    for (number, losses) in outcome.metaLosses.enumerated() {
      Console.result(
        "evaluation \(number + 1): kernel \(losses.kernel), adversarial \(losses.adversarial), sum to one "
          + "\(losses.sumToOne), discriminator \(losses.discriminator)")
    }
    if let hash = try? outcome.gradient.withUnsafeBytes({ try SHA256.hex(of: Array($0)) }) {
      Console.result("sha256 of the gradient \(hash)")
    }
  }
}
