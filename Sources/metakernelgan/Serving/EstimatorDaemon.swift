import Estimation
import Foundation
import Imaging
import Intake
import Messages
import Transport

/// What `estimator` does: as many threads as it has jobs take pictures, from whoever sent them first and then from the
/// folder, until it is stopped.
final class EstimatorDaemon: Sendable {
  private let command: EstimatorCommand
  private let method: CurrentMethod
  private let folder: WatchedFolder?
  private let listener: PictureListener?
  private let results: ResultFolder
  private let bell: Bell
  private let log: @Sendable (String) -> Void

  /// Opens everything, and says in one line what is exposed.
  /// - Throws: exit code 69, 73 or 78 with one line.
  init(_ command: EstimatorCommand) throws {
    let (bell, quiet) = (Bell(), command.quiet)
    (self.command, self.bell) = (command, bell)
    log = { if !quiet { Console.note($0) } }
    do {
      folder = try command.watch.map { try WatchedFolder($0, onChange: bell.ring) }
      results = try ResultFolder(command.out ?? command.watch.map { $0 + "/kernels" }, scale: command.scale)
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
    method = try CurrentMethod(command.estimation, command.source, log: log, onChange: bell.ring)
    let keys = try command.guests.load(command.source.security.keys)
    do {
      listener = try command.listen.map { address in
        try PictureListener(
          Context(), listeningAt: address, keys: keys, onOrder: bell.ring, log: { Console.complain($0) })
      }
    } catch { throw Exit.because("\(error)", Exit.unavailable) }
    introduce()
  }

  private func introduce() {
    if let folder { log("taking pictures from \(folder.path), kernels go to \(results.path)") }
    if let listener {
      log("taking pictures at \(listener.endpoint), from \(Publishing.readers(listener.endpoint))")
    }
  }

  /// Lets the pictures at hand finish; from any thread.
  var stop: @Sendable () -> Void { { [bell] in bell.stop() } }

  /// Works until stopped.
  func run() {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let others = (1..<(command.jobs ?? cores)).map { _ in Worker { [self] in work() } }
    work()
    for other in others { other.join() }
    method.stop()
    listener?.close()
  }

  private func work() {
    while let rings = bell.rings {
      guard let method = method.now, workOnce(method) else {
        bell.wait(after: rings)
        continue
      }
    }
  }

  /// False where there was nothing to do.
  private func workOnce(_ method: any EstimationMethod) -> Bool {
    if let order = listener?.take() {
      listener?.answer(order, answer(order.request, method))
      return true
    }
    do {
      guard let folder, let taken = try folder.take() else { return false }
      try work(on: taken, folder, method)
      return true
    } catch {
      // Not the picture's fault: a full disk, a folder gone.
      bell.complainOnce("\(error)")
      return false
    }
  }

  private func estimate(
    _ picture: Picture, _ name: String, _ method: any EstimationMethod
  ) throws -> (Estimate, KernelReport) {
    let begin = ContinuousClock.now
    let found = try method.estimate(
      picture, scale: command.scale, seed: command.estimation.seed, recording: [], onStep: { _ in })
    let report = KernelReport(
      name, picture, found, scale: command.scale, method, seed: command.estimation.seed,
      seconds: (ContinuousClock.now - begin).seconds)
    return (found, report)
  }

  private func answer(_ request: EstimatorRequest, _ method: any EstimationMethod) -> EstimatorReply.Body {
    do {
      let picture = try Picture.decode(request.picture, name: request.name)
      let (_, report) = try estimate(picture, request.name, method)
      return .report(checkpoint: report.checkpoint?.sha256 ?? "", json: try report.json(pretty: false))
    } catch { return .refusal(.init(.badPicture, "\(error)")) }
  }

  /// - Throws: where the folders cannot be written to; the picture is then put back.
  private func work(
    on taken: WatchedFolder.Taken, _ folder: WatchedFolder, _ method: any EstimationMethod
  ) throws {
    let estimated: (found: Estimate, report: KernelReport)
    do { estimated = try estimate(Picture.read(taken.path), taken.name, method) } catch {
      let reason = "\(error)".replacing(taken.path, with: taken.name)
      try folder.fail(taken, because: reason)
      return Console.complain("\(reason) (now in \(folder.failed))")
    }
    do {
      let report = try results.write(estimated.found.kernel, estimated.report)
      try folder.finish(taken)
      if !command.quiet { Console.result(report.summary) }
    } catch {
      try folder.giveBack(taken)
      throw error
    }
  }
}
