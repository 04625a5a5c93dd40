import ArgumentParser
import Foundation
import Platform

/// The command line. Every subcommand is one file.
@main
struct MetaKernelGAN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metakernelgan",
    abstract: "Blind super-resolution: find the blur of a picture, undo it, and train the networks that do.",
    version: version,
    subcommands: [
      EstimateCommand.self, SuperResolveCommand.self, DegradeCommand.self, CheckAlignmentCommand.self,
      EvaluateCommand.self,
      MeasureCommand.self, JudgeDataCommand.self,
      TrainCommand.self, TrainFlowCommand.self,
      CoordinatorCommand.self,
      WorkerCommand.self,
      KeygenCommand.self, ServeCommand.self, EstimatorCommand.self, CheckpointCommand.self,
      ReplayTaskCommand.self,
      DemoCommand.self, BenchCommand.self, ComputeCommand.self, ReplayCommand.self,
      StandInCommand.self, FetchersCommand.self,
    ])

  /// The release, and what of the source it was built from.
  static let version = "0.2.0+\(SourceVersion.hash)"

  /// Signals and streams are put in order before anything else; then as ArgumentParser would, but writing through
  /// `Console`.
  static func main() {
    SignalWatch.begin()
    StandardStream.occupyMissing()
    do {
      var command = try parseAsRoot(commandLineArguments())
      try command.run()
    } catch { leave(because: error) }
    if Console.hasLostResults { Foundation.exit(Exit.cannotCreate.rawValue) }
  }

  /// Help and the version are results; an exit code thrown by a command has no text, as the command has said it all.
  private static func leave(because error: any Error) -> Never {
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if !text.isEmpty {
      if code.isSuccess { Console.write(result: text + "\n") } else { Console.note(text) }
    }
    Foundation.exit(code.isSuccess && Console.hasLostResults ? Exit.cannotCreate.rawValue : code.rawValue)
  }
}
