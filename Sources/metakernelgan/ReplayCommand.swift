import ArgumentParser
import Platform
import Training

/// One task computed again for a dispute; started by the coordinator, not by people.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "replay", shouldDisplay: false)

  @Option var input: String
  @Option var output: String
  @Option var parent: Int32

  func run() throws {
    ParentProcess.dieWith(parent)
    try computeReplay(input: input, output: output)
  }
}
