import Foundation
import Imaging
import Intake
import Messages
import Platform
import Restoration
import Transport

/// What `estimator` does: as many threads as it has jobs take pictures, from whoever sent them first and then from the
/// folder, until it is stopped.
final class EstimatorDaemon: Sendable {
  private let command: EstimatorCommand
  private let restorer: CurrentRestorer
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
      folder = try command.watch.map {
        try WatchedFolder($0, log: { Console.complain($0) }, onChange: bell.ring)
      }
      results = try ResultFolder(
        command.out ?? command.watch.map { $0 + "/kernels" }, scale: command.scaling.scale)
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
    restorer = try CurrentRestorer(command.estimation, command.source, log: log, onChange: bell.ring)
    let keys = try command.guests.load(command.source.security.keys)
    do {
      listener = try command.listen.map { address in
        try PictureListener(
          Context(), listeningAt: address, keys: keys, onRequest: bell.ring, log: { Console.complain($0) })
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
    let others = (1..<command.work.count).compactMap { number in
      do { return try NamedThread("estimator-\(number)") { [self] in work() } } catch {
        // The others do its work.
        Console.complain("\(error)")
        return nil
      }
    }
    work()
    for other in others { other.join() }
    restorer.stop()
    listener?.close()
  }

  private func work() {
    while let rings = bell.rings {
      guard let restorer = restorer.now, workOnce(restorer) else {
        bell.wait(after: rings)
        continue
      }
    }
  }

  /// False where there was nothing to do.
  private func workOnce(_ restorer: Restorer) -> Bool {
    if let pending = listener?.take() {
      listener?.answer(pending, answer(pending.request, restorer))
      return true
    }
    do {
      guard let folder, let taken = try folder.take() else { return false }
      work(on: taken, folder, restorer)
      return true
    } catch {
      // Not a picture's fault: another process watches the folder that was made anew, or its list cannot be read.
      bell.complainOnce("\(error)")
      return false
    }
  }

  private func estimate(
    _ picture: Picture, _ name: String, with restorer: Restorer
  ) throws -> (FoundKernel, KernelReport) {
    let found = try restorer.kernel(of: picture, scale: command.scaling.scale, seed: command.estimation.seed)
    return (found, KernelReport(found, of: picture, name: name))
  }

  private func answer(_ request: EstimatorRequest, _ restorer: Restorer) -> EstimatorReply.Body {
    do {
      let picture = try Picture.decode(request.picture, name: request.name)
      let (_, report) = try estimate(picture, request.name, with: restorer)
      return .report(checkpoint: report.checkpoint?.sha256 ?? "", json: try report.json(pretty: false))
    } catch { return .refusal(.init(.badPicture, "\(error)")) }
  }

  private func work(
    on taken: WatchedFolder.Taken, _ folder: WatchedFolder, _ restorer: Restorer
  ) {
    do {
      let estimated = try estimate(Picture.read(taken.path), taken.name, with: restorer)
      let report = try results.write(estimated.0, estimated.1)
      folder.finish(taken)
      if !command.quiet { Console.result(report.summary) }
    } catch {
      let reason = "\(error)".replacing(taken.path, with: taken.name)
      guard Setback.isLasting(error) else { return folder.postpone(taken, because: reason) }
      folder.fail(taken, because: reason)
      Console.complain("\(reason) (now in \(folder.failed))")
    }
  }
}
