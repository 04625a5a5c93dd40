import CheckpointExchange
import Foundation
import Platform
import RunDirectory
import Service
import Support
import Transport

/// Work that waits until it is let, and says what it was given.
final class GatedWork: PictureWork {
  private let state: Monitor<(isOpen: Bool, begun: Int)>

  init(isOpen: Bool = true) { state = Monitor((isOpen, 0)) }

  struct Sick: Error, CustomStringConvertible {
    var description: String { "no weights; install them" }
  }

  func open() { state.update { $0.isOpen = true } }

  func waitUntilBegun(_ count: Int) {
    _ = state.wait { $0.begun >= count ? true : nil }
  }

  func estimate(_ picture: [UInt8], _ order: EstimateOrder) throws -> WorkResult {
    state.update { $0.begun += 1 }
    _ = state.wait { $0.isOpen ? true : nil }
    if picture == [0] { throw Problem(422, "a zero") }
    if picture == [2] { throw Sick() }
    return WorkResult(
      Array("\(order.scale) \(order.mode?.rawValue ?? "-") \(order.steps ?? -1) \(order.seed)".utf8),
      type: order.format.type, checkpoint: "abc")
  }

  func enlarge(_ picture: [UInt8], _ order: EnlargeOrder) throws -> WorkResult {
    WorkResult(
      Array("\(order.method.rawValue) \(order.noise ?? -1)".utf8), type: "image/png", checkpoint: nil)
  }

  func restore(_ picture: [UInt8], _ order: RestoreOrder) throws -> WorkResult {
    WorkResult(
      Array("\(order.kernel.scale) \(order.noise ?? -1) \(order.isCompared)".utf8), type: "application/json",
      checkpoint: "abc")
  }

  func tools() throws -> WorkTools {
    if !state.update({ $0.isOpen }) { throw Sick() }
    return WorkTools(estimation: [:], superResolution: .init(sha256: nil, source: "none"))
  }
}

extension HTTPService {
  static func forTests(
    _ work: GatedWork = GatedWork(), runs: RunWatch? = nil, _ change: (inout Limits) -> Void = { _ in }
  ) throws -> HTTPService {
    var limits = Limits(jobs: 1)
    // None that is not the test's own ends anything, however busy the machine.
    (limits.head, limits.upload, limits.download, limits.work) = (600, 600, 600, 600)
    change(&limits)
    return try HTTPService(listeningAt: HTTPAddress("127.0.0.1:0"), runs: runs, pictures: work, limits)
  }

  var port: Int { address.port }
}
