import ArgumentParser
import Platform

/// The command line. Every subcommand is one file.
@main
struct MetaKernelGAN: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metakernelgan",
    abstract: "Blind super-resolution kernels: estimated from a picture alone, from a meta-learned start.",
    version: version,
    subcommands: [
      EstimateCommand.self, SuperResolveCommand.self, DegradeCommand.self, CheckAlignmentCommand.self,
      EvaluateCommand.self,
      MeasureCommand.self,
      TrainCommand.self,
      CoordinatorCommand.self,
      WorkerCommand.self,
      KeygenCommand.self, ServeCommand.self, EstimatorCommand.self, CheckpointCommand.self,
      ReplayTaskCommand.self,
      DemoCommand.self, BenchCommand.self, ComputeCommand.self, ReplayCommand.self,
      StandInCommand.self, FetchersCommand.self,
    ])

  /// Arguments of any bytes, since file names are.
  static func main() { main(commandLineArguments()) }

  static let version = "0.1.0"
}
