import BlurKernels
import CheckpointExchange
import Checkpoints
import Estimation
import Foundation
import Imaging
import Messages
import Service
import SuperResolution
import Synchronization

/// What the HTTP service does with pictures: as `estimate` and `super-resolve` do, with the best checkpoint of the run
/// that is served, or the shipped weights where none can be used.
final class ServedPictures: PictureWork {
  private struct Key: Hashable {
    /// Of the run's checkpoint; nil for the shipped weights.
    let sha256: String?
    let mode: EstimateOrder.Mode?
    let steps: Int?
    let isRefined: Bool
  }

  private let runs: RunWatch
  private let resolver: SuperResolver
  private let srWeights: String?
  private let log: @Sendable (String) -> Void
  /// Used last comes last.
  private let methods = Mutex<[(key: Key, method: any EstimationMethod)]>([])
  private let told = Mutex<Set<String>>([])

  private static let mostMethods = 8
  /// A larger picture would take a gigabyte.
  static let mostPixels = 25_000_000
  private static let name = "request body"

  /// - Parameter srWeights: as `EnlargerChoice` takes it; nil for the shipped enlarger.
  /// - Throws: `SuperResolutionError`.
  init(_ runs: RunWatch, srWeights: String?, log: @escaping @Sendable (String) -> Void) throws {
    (self.runs, self.srWeights, self.log) = (runs, srWeights, log)
    resolver = try SuperResolver(weights: EnlargerChoice(srWeights))
  }

  func estimate(_ picture: [UInt8], _ order: EstimateOrder) throws -> WorkResult {
    let begin = ContinuousClock.now
    let picture = try Self.decode(picture, scale: 1)
    let method = try method(order)
    let found = try Self.refusing { try method.estimate(picture, order) }
    var report = KernelReport(
      Self.name, picture, found, scale: order.scale, method, seed: order.seed,
      seconds: (ContinuousClock.now - begin).seconds)
    // Where files lie here is nobody's business.
    report.checkpoint = report.checkpoint?.withoutFolder
    report.averagedWith = report.averagedWith?.map(\.withoutFolder)
    return WorkResult(
      try Self.bytes(of: found.kernel, report, order.format), type: order.format.type,
      checkpoint: report.checkpoint?.sha256)
  }

  func enlarge(_ picture: [UInt8], _ order: EnlargeOrder) throws -> WorkResult {
    let scale = order.kernel.scale
    let picture = try Self.decode(picture, scale: scale)
    if order.method == .bicubic {
      return WorkResult(
        try picture.bicubic(scale: scale).upright().encodePNG(), type: "image/png", checkpoint: nil)
    }
    let method = try method(order.kernel, refinement: srWeights)
    let (enlarged, start) = try Self.refusing {
      let found = try method.estimate(picture, order.kernel)
      let enlarged = try resolver.enlarge(
        picture, kernel: found.kernel.converted(from: .fkp, to: .kernelGAN, scale: scale), scale: scale,
        noise: order.noise ?? max(picture.noiseLevel(), found.equivalentNoise), border: .continued)
      return (enlarged, found.start)
    }
    return WorkResult(
      try enlarged.upright().encodePNG(), type: "image/png", checkpoint: start?.sha256)
  }

  func tools() throws -> WorkTools {
    let method = try method(EstimateOrder())
    var weights: [String: WorkTools.Weights] = [:]
    for scale in [2, 4] {
      let hash = method.checkpoint(scale: scale)?.sha256
      let served = hash.flatMap { try? runs.find(ChannelName(.sha256($0))).get().checkpoint }
      weights["\(scale)"] = .init(
        sha256: hash, source: served.map { "run \($0.run), step \($0.step)" } ?? "shipped with the program")
    }
    return WorkTools(
      estimation: weights,
      superResolution: .init(sha256: resolver.weights(scale: 2)?.sha256, source: resolver.name))
  }
}

extension ServedPictures {
  /// With the run's best checkpoint where there is one that can be used.
  private func method(_ order: EstimateOrder, refinement: String? = nil) throws -> any EstimationMethod {
    if let best = try? runs.find(ChannelName(.best)).get() {
      do { return try method(order, (best.checkpoint.sha256, best.path), refinement) } catch let problem
        as Problem
      {
        throw problem
      } catch { tellOnce("\(error); the shipped weights are used") }
    }
    return try method(order, nil, refinement)
  }

  private func method(
    _ order: EstimateOrder, _ file: (sha256: String, path: String)?, _ refinement: String?
  ) throws -> any EstimationMethod {
    let key = Key(
      sha256: file?.sha256, mode: order.mode, steps: order.steps, isRefined: refinement != nil)
    if let known = methods.withLock({ Self.take(key, &$0) }) { return known }
    var options = MethodOptions()
    (options.checkpoint, options.steps, options.refinement) = (file?.path, order.steps, refinement)
    options.mode = order.mode.flatMap { .init(rawValue: $0.rawValue) }
    let method: MetaKernelGANMethod
    do { method = try MetaKernelGANMethod(options) } catch EstimationError.notConditioned {
      throw Problem(422, "the checkpoint in use foresees no kernels, which mode best needs; leave mode out")
    }
    if let file, method.checkpoint?.sha256 != file.sha256 {
      throw Problem(503, "the checkpoint has just been replaced; send it again", retryAfter: 1)
    }
    methods.withLock { methods in
      methods.append((key, method))
      if methods.count > Self.mostMethods { methods.removeFirst() }
    }
    return method
  }

  private static func take(
    _ key: Key, _ methods: inout [(key: Key, method: any EstimationMethod)]
  ) -> (any EstimationMethod)? {
    guard let place = methods.firstIndex(where: { $0.key == key }) else { return nil }
    let known = methods.remove(at: place)
    methods.append(known)
    return known.method
  }

  private func tellOnce(_ line: String) {
    if told.withLock({ $0.insert(line).inserted }) { log(line) }
  }

  /// - Parameter scale: of what will be made of it.
  private static func decode(_ bytes: [UInt8], scale: Int) throws -> Picture {
    do {
      return try Picture.decode(bytes, name: name, atMost: mostPixels / (scale * scale))
    } catch {
      switch error {
      case .unknownFormat: throw Problem(415, "\(error)")
      case .tooLarge: throw Problem(413, "\(error)")
      default: throw Problem(422, "\(error)")
      }
    }
  }

  /// Has the picture's own faults refused in words that a sender can follow.
  private static func refusing<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch EstimationError.diverged(let steps) {
      throw Problem(
        422, "the adaptation left the finite numbers within \(steps) steps; ask for fewer, or leave steps out"
      )
    } catch EstimationError.noMass(let sum) {
      throw Problem(
        422, "the kernel found sums to \(sum), so it cannot be scaled; try another seed or fewer steps")
    } catch let error as SuperResolutionError { throw Problem(422, "\(error)") }
  }

  private static func bytes(
    of kernel: BlurKernel, _ report: KernelReport, _ format: EstimateOrder.Format
  ) throws -> [UInt8] {
    switch format {
    case .json: Array(try report.json(pretty: false).utf8)
    case .npy: Array(kernel.npyData())
    case .png: try KernelFiles.picture(of: kernel, report).encodePNG()
    }
  }
}

extension EstimationMethod {
  fileprivate func estimate(_ picture: Picture, _ order: EstimateOrder) throws -> Estimate {
    try estimate(picture, scale: order.scale, seed: order.seed, recording: [], onStep: { _ in })
  }
}
