import ArgumentParser
import CheckpointExchange
import Estimation
import Foundation
import Intake
import Transport

struct EstimatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimator",
    abstract: "Estimate kernels as a service: of pictures put into a folder, or sent over ZeroMQ.",
    discussion: """
      With --from it keeps up with a channel: a new checkpoint is fetched, verified and taken for the next picture, while \
      those being worked on finish with the one they began with; every result bears the hash of its checkpoint. Without a \
      publisher the last one known is used.

      --watch FOLDER: a picture is taken once nobody has it open for writing, and ends in FOLDER/done, or in FOLDER/failed \
      beside a file with the reason; kernels go to --out, FOLDER/kernels unless told otherwise. Files whose names begin \
      with a dot are left alone. --listen ADDRESS: messages as proto/serving.proto says.

      SIGTERM and SIGINT let the pictures at hand finish. Exit codes: 0 so ended; 69 processor too old, or the address \
      cannot be had; 73 a folder cannot be used; 78 no usable checkpoint.
      """)

  @OptionGroup var source: SourceOptions

  @Option(help: "Take the pictures that are put into this folder.", completion: .directory)
  var watch: String?

  @Option(help: "Take the pictures that are sent to this address, such as tcp://127.0.0.1:5557.")
  var listen: String?

  @Option(help: "Folder for the kernels of --watch.", completion: .directory)
  var out: String?

  @OptionGroup var scaling: ScaleOption

  @OptionGroup var estimation: EstimationOptions

  @OptionGroup var work: JobsOption

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup var guests: GuestOptions

  @Flag(
    help: "Listen for other machines without keys: whoever reaches the port is let in and can read along.")
  var insecure = false

  func validate() throws {
    try guests.requireProtection(of: listen, source.security.keys, isOpen: insecure)
    guard watch != nil || listen != nil else { throw ValidationError("Give --watch, --listen or both.") }
    try Address.require(listen, for: .listening)
    guard out == nil || watch != nil else { throw ValidationError("--out is for --watch.") }
    if source.from != nil, estimation.checkpoint != nil {
      throw ValidationError("--from and --checkpoint both name a checkpoint; give one of them.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let daemon = try EstimatorDaemon(self)
    let signals = Signals(daemon.stop)
    daemon.run()
    signals.stop()
  }
}
