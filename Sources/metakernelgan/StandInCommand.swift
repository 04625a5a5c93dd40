import ArgumentParser
import Foundation
import Platform
import Training
import Transport

/// Workers that only pretend, to measure a coordinator with; started by `bench`, not by people.
struct StandInCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "stand-in", shouldDisplay: false)

  @Option var coordinator: String
  @Option var count: Int

  func validate() throws {
    try Address.require(coordinator, for: .connecting)
    guard count > 0 else { throw ValidationError("--count must be at least 1.") }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    FileLimit.raise()
    Heap.keepLargeBlocks()
    let standIns = StandIns(coordinator: coordinator, count: count, programVersion: MetaKernelGAN.version)
    if let failure = try standIns.run() { throw Exit.because(failure, .failure) }
  }
}
