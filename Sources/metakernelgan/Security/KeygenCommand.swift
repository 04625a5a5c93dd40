import ArgumentParser
import Transport

/// Makes keys for the services that speak ZeroMQ.
struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Make CURVE keys, which encrypt connections and say who is let in.",
    discussion: """
      --out DIR: one key pair, DIR/secret.key, which only you can read, and DIR/public.key. A service takes its own with \
      --keys DIR, and whom it lets in with --allow FILE: lines NAME ROLE PUBLIC-KEY, ROLE worker (train, coordinator), \
      reader (serve) or estimator (estimator), or several with commas. A client takes its own with --keys DIR and the \
      service's public key with --server-key. The list is read again when it changes.

      --cluster DIR: all that a cluster's run needs, in one folder that coordinator, workers and estimators take with --keys \
      DIR alone: a pair for each of coordinator, worker, reader and estimator, and the list, DIR/allow.

      Exit codes: 0 made; 73 a file is there already or cannot be written.
      """)

  @Option(help: "Folder for one key pair.", completion: .directory)
  var out: String?

  @Option(
    help: "Folder for the keys of a coordinator, its workers and readers, and the list of them.",
    completion: .directory)
  var cluster: String?

  func validate() throws {
    guard (out == nil) != (cluster == nil) else { throw ValidationError("Give --out or --cluster.") }
  }

  func run() throws {
    do {
      if let out { Console.result("\(try KeyFiles.make(in: out))") }
      if let cluster { Console.result(try KeyFiles.makeCluster(in: cluster)) }
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
  }
}
