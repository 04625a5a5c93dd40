import Foundation
public import Messages
import Platform
import Synchronization
import Transport

/// What there is in run directories that others write, looked at four times a second: their checkpoints, whole and
/// verified, as the folders are, without their leases.
public final class RunWatch: Sendable {
  private let catalogue = Mutex(Catalogue())
  private let scanner: Mutex<RunScanner>
  private let isClosed = Monitor(false)
  private let thread = Mutex<NamedThread?>(nil)
  private let told = Mutex<Set<String>>([])
  private let listener = Mutex<(@Sendable (Catalogue) -> Void)?>(nil)
  private let log: @Sendable (String) -> Void

  private static let pause = 0.25

  /// Reads every checkpoint once, then goes on looking on a thread of its own.
  ///
  /// - Parameters:
  ///   - folders: each a run's folder, or the parent of such; what comes into being there later is seen too.
  ///   - accept: throws where a file is no good checkpoint; it is then left out.
  ///   - log: told, once, of each thing that is left out. Called on other threads.
  /// - Throws: `ExchangeError.noRuns`, for the first folder that cannot be read.
  public init(
    _ folders: [String], accept: @escaping @Sendable (String) throws -> Void,
    log: @escaping @Sendable (String) -> Void
  ) throws(ExchangeError) {
    let scanner = RunScanner(folders, accept: accept)
    try scanner.checkFolders()
    self.scanner = Mutex(scanner)
    self.log = log
    scan()
    do {
      let looking = try NamedThread("runs") { [weak self, isClosed] in
        while isClosed.wait(until: .after(Self.pause), for: { $0 ? true : nil }) == nil {
          guard let self else { return }
          self.scan()
        }
      }
      thread.withLock { $0 = looking }
    } catch { log("\(error); new checkpoints are not seen") }
  }

  deinit {
    isClosed.update { $0 = true }
    // Perhaps on the thread itself, which held the last reference.
    thread.withLock { $0.take() }?.detach()
  }

  /// By name, each with its checkpoints, the oldest first.
  public var runs: [ServedRun] { now.served }

  /// Where a run lies.
  public func folder(ofRun name: String) -> String? { now.folders[name] }

  /// What a channel stands for now and where the file lies, or why it stands for nothing. The run may remove the file at
  /// any time, so whoever reads it verifies its hash.
  public func find(_ channel: ChannelName) -> Result<
    (checkpoint: ServedCheckpoint, path: String), PublisherReply.Refusal
  > {
    now.find(channel).map { ($0.checkpoint, $0.path) }
  }

  /// In one line for people.
  public var summary: String {
    let runs = runs
    let checkpoints = runs.reduce(0) { $0 + $1.checkpoints.count }
    let names = runs.prefix(5).map(\.name).joined(separator: ", ") + (runs.count > 5 ? ", ..." : "")
    func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
    return "\(count(checkpoints, "checkpoint")) of \(count(runs.count, "run"))"
      + (names.isEmpty ? "" : " (\(names))")
  }

  /// Looks no more; what was seen last stays. Waits for a look under way: a process that ends while another thread still
  /// hashes a file may die of it, as libcrypto is taken down at the exit.
  public func close() {
    isClosed.update { $0 = true }
    thread.withLock { $0.take() }?.join()
  }

  var now: Catalogue { catalogue.withLock { $0 } }

  /// Calls `handle` now and after every look, with what there is; in the place of who was called before.
  func follow(_ handle: @escaping @Sendable (Catalogue) -> Void) {
    listener.withLock { $0 = handle }
    handle(now)
  }

  private func scan() {
    let (found, leftOut) = scanner.withLock { $0.scan() }
    catalogue.withLock { $0 = found }
    listener.withLock { $0 }?(found)
    for line in leftOut where told.withLock({ $0.insert(line).inserted }) { log(line) }
  }
}
