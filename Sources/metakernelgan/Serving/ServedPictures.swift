import BlurKernels
import CheckpointExchange
import Estimation
import Foundation
import Imaging
import Messages
import Restoration
import Service
import SuperResolution
import Synchronization

/// What the HTTP service does with pictures: as `estimate` and `super-resolve` do, with the best checkpoint of the run
/// that is served, or the shipped weights where none can be used.
final class ServedPictures: PictureWork {
  private struct Key: Hashable {
    /// Of the run's checkpoint; nil for the shipped weights.
    let sha256: String?
    let mode: Service.EstimateRequest.Mode?
    let steps: Int?
    /// Whether pictures are enlarged with its kernels.
    let enlarges: Bool
  }

  private let runs: RunWatch?
  private let mostPixels: Int
  private let enlarger: SuperResolver
  private let srWeights: String?
  private let log: @Sendable (String) -> Void
  /// Used last comes last.
  private let restorers = Mutex<[(key: Key, restorer: Restorer)]>([])
  private let told = Mutex<Set<String>>([])

  private static let mostRestorers = 8
  private static let name = "request body"

  /// - Parameters:
  ///   - runs: nil where none are served; pictures are then worked on with the shipped weights.
  ///   - srWeights: of USRNet; nil for the closed form.
  ///   - mostPixels: of a picture and of what is made of it; 25,000,000 take about a gigabyte.
  /// - Throws: `SuperResolutionError`.
  init(
    _ runs: RunWatch?, srWeights: String?, mostPixels: Int, log: @escaping @Sendable (String) -> Void
  ) throws {
    (self.runs, self.srWeights, self.mostPixels, self.log) = (runs, srWeights, mostPixels, log)
    enlarger = try SuperResolver(weights: EnlargerChoice(srWeights))
  }

  func estimate(_ picture: [UInt8], _ order: EstimateRequest) throws -> WorkResult {
    let picture = try decode(picture, scale: 1, order.inHand)
    let restorer = try restorer(order)
    let steps = restorer.method?.steps ?? 0
    let found = try Self.refusing {
      try restorer.kernel(of: picture, scale: order.scale, seed: order.seed) { done throws(EstimationError) in
        try order.inHand.report(Double(done) / Double(max(steps, 1)))
      }
    }
    // Where files lie here is nobody's business.
    let report = KernelReport(found, of: picture, name: Self.name).withoutFolders()
    return WorkResult(
      try Self.bytes(of: found, report, order.format), type: order.format.type,
      checkpoint: report.checkpoint?.sha256)
  }

  func enlarge(_ picture: [UInt8], _ order: EnlargeRequest) throws -> WorkResult {
    let (scale, inHand) = (order.kernel.scale, order.kernel.inHand)
    let picture = try decode(picture, scale: scale, inHand)
    if order.method == .bicubic {
      let large = try Self.refusing {
        try picture.bicubic(scale: scale, check: inHand.check).upright(check: inHand.check)
      }
      return WorkResult(try Self.png(of: large, inHand), type: "image/png", checkpoint: nil)
    }
    let restored = try restore(picture, order.kernel, noise: order.noise)
    return WorkResult(
      try Self.png(of: restored.picture, inHand), type: "image/png",
      checkpoint: restored.kernel.estimation?.estimate.start?.sha256)
  }

  func restore(_ picture: [UInt8], _ order: RestoreRequest) throws -> WorkResult {
    let inHand = order.kernel.inHand
    let picture = try decode(picture, scale: order.kernel.scale, inHand)
    let restored = try restore(picture, order.kernel, noise: order.noise)
    let answer = try Self.refusing {
      try RestoreAnswer(
        restored, of: picture, name: Self.name, isCompared: order.isCompared, check: inHand.check)
    }
    return WorkResult(
      Array(try answer.json(pretty: false).utf8), type: "application/json",
      checkpoint: restored.kernel.estimation?.estimate.start?.sha256)
  }

  func tools() throws -> WorkTools {
    let method = try restorer(EstimateRequest()).method
    var weights: [String: WorkTools.Weights] = [:]
    for scale in [2, 4] {
      let hash = method?.checkpoint(scale: scale)?.sha256
      let served = hash.flatMap { try? runs?.find(ChannelName(.sha256($0))).get().checkpoint }
      weights["\(scale)"] = .init(
        sha256: hash, source: served.map { "run \($0.run), step \($0.step)" } ?? "shipped with the program")
    }
    return WorkTools(
      estimation: weights,
      superResolution: .init(sha256: enlarger.weights(scale: 2)?.sha256, source: enlarger.name))
  }
}

extension ServedPictures {
  private func restore(
    _ picture: Picture, _ kernel: EstimateRequest, noise: Double?
  ) throws -> RestoredPicture {
    let restorer = try restorer(kernel, enlarges: true)
    var request = Restorer.Request(scale: kernel.scale)
    (request.seed, request.noise) = (kernel.seed, noise.map(NoiseChoice.level) ?? .estimated)
    let steps = restorer.method?.steps ?? 0
    return try Self.refusing {
      try restorer.restore(picture, request) { progress throws(EstimationError) in
        switch progress {
        case .estimating(let done): try kernel.inHand.report(0.3 * Double(done) / Double(max(steps, 1)))
        case .enlarging(let done, let all): try kernel.inHand.report(0.3 + 0.7 * Double(done) / Double(all))
        }
      }
    }
  }

  /// With the run's best checkpoint where there is one that can be used.
  private func restorer(_ order: EstimateRequest, enlarges: Bool = false) throws -> Restorer {
    if let best = try? runs?.find(ChannelName(.best)).get() {
      do { return try restorer(order, (best.checkpoint.sha256, best.path), enlarges: enlarges) } catch let
        problem
        as Problem
      {
        throw problem
      } catch { tellOnce("\(error); the shipped weights are used") }
    }
    return try restorer(order, nil, enlarges: enlarges)
  }

  private func restorer(
    _ order: EstimateRequest, _ file: (sha256: String, path: String)?, enlarges: Bool
  ) throws -> Restorer {
    let key = Key(sha256: file?.sha256, mode: order.mode, steps: order.steps, enlarges: enlarges)
    if let known = restorers.withLock({ Self.take(key, &$0) }) { return known }
    var options = MethodOptions()
    (options.checkpoint, options.steps) = (file?.path, order.steps)
    options.refinement = Restorer.refinement(srWeights, options, enlarges: enlarges)
    options.mode = order.mode.flatMap { .init(rawValue: $0.rawValue) }
    let method: MetaKernelGANMethod
    do { method = try MetaKernelGANMethod(options) } catch EstimationError.noPrediction {
      throw Problem(422, "the checkpoint in use predicts no kernels, which mode best needs; leave mode out")
    } catch EstimationError.noNetworks {
      throw Problem(422, "the checkpoint in use only predicts kernels; leave mode out, or send mode best")
    }
    if let file, method.checkpoint?.sha256 != file.sha256 {
      throw Problem(503, "the checkpoint has just been replaced; send it again", retryAfter: 1)
    }
    let restorer = Restorer(kernels: .estimated(method), enlarger: enlarger)
    restorers.withLock { restorers in
      restorers.append((key, restorer))
      if restorers.count > Self.mostRestorers { restorers.removeFirst() }
    }
    return restorer
  }

  private static func take(
    _ key: Key, _ restorers: inout [(key: Key, restorer: Restorer)]
  ) -> Restorer? {
    guard let place = restorers.firstIndex(where: { $0.key == key }) else { return nil }
    let known = restorers.remove(at: place)
    restorers.append(known)
    return known.restorer
  }

  private func tellOnce(_ line: String) {
    if told.withLock({ $0.insert(line).inserted }) { log(line) }
  }

  /// - Parameter scale: of what will be made of it.
  private func decode(_ bytes: [UInt8], scale: Int, _ inHand: WorkInHand) throws -> Picture {
    do {
      return try Picture.decode(
        bytes, name: Self.name, atMost: mostPixels / (scale * scale), check: inHand.check)
    } catch {
      switch error {
      case .unknownFormat: throw Problem(415, "\(error)")
      case .cancelled: throw WorkCancelled()
      case .tooLarge: throw Problem(413, "\(error)")
      default: throw Problem(422, "\(error)")
      }
    }
  }

  /// Has the picture's own faults refused in words that a sender can follow.
  private static func refusing<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch EstimationError.cancelled, PictureError.cancelled {
      throw WorkCancelled()
    } catch EstimationError.diverged(let steps) {
      throw Problem(
        422, "the adaptation left the finite numbers within \(steps) steps; ask for fewer, or leave steps out"
      )
    } catch EstimationError.noMass(let sum) {
      throw Problem(
        422, "the kernel found sums to \(sum), so it cannot be scaled; try another seed or fewer steps")
    } catch let error as SuperResolutionError { throw Problem(422, "\(error)") }
  }

  private static func png(of picture: Picture, _ inHand: WorkInHand) throws -> [UInt8] {
    try refusing { try picture.encodePNG(check: inHand.check) }
  }

  private static func bytes(
    of found: FoundKernel, _ report: KernelReport, _ format: EstimateRequest.Format
  ) throws -> [UInt8] {
    switch format {
    case .json: Array(try report.json(pretty: false).utf8)
    case .npy: Array(found.kernel.npyData())
    case .png: try KernelFiles.picture(of: found).encodePNG()
    }
  }
}

extension WorkInHand {
  /// Reports the done share of the work.
  /// - Throws: `EstimationError.cancelled`.
  fileprivate func report(_ share: Double) throws(EstimationError) {
    do { try advance(to: share) } catch { throw .cancelled }
  }

  /// - Throws: `PictureError.cancelled` where nobody waits for the result.
  fileprivate func check() throws(PictureError) {
    if isCancelled { throw .cancelled }
  }
}
