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

  var begun: Int { state.update { $0.begun } }

  func open() { state.update { $0.isOpen = true } }

  func waitUntilBegun(_ count: Int) {
    _ = state.wait { $0.begun >= count ? true : nil }
  }

  func estimate(_ picture: [UInt8], _ order: EstimateRequest) throws -> WorkResult {
    state.update { $0.begun += 1 }
    _ = state.wait { $0.isOpen ? true : nil }
    if picture == [0] { throw Problem(422, "a zero") }
    if picture == [2] { throw Sick() }
    return WorkResult(
      Array("\(order.scale) \(order.mode?.rawValue ?? "-") \(order.steps ?? -1) \(order.seed)".utf8),
      type: order.format.type, checkpoint: "abc")
  }

  func enlarge(_ picture: [UInt8], _ order: EnlargeRequest) throws -> WorkResult {
    WorkResult(
      Array("\(order.method.rawValue) \(order.noise ?? -1)".utf8), type: "image/png", checkpoint: nil)
  }

  func restore(_ picture: [UInt8], _ order: RestoreRequest) throws -> WorkResult {
    WorkResult(
      Array("\(order.kernel.scale) \(order.noise ?? -1) \(order.isCompared)".utf8), type: "application/json",
      checkpoint: "abc")
  }

  func tools() throws -> WorkTools {
    if !state.update({ $0.isOpen }) { throw Sick() }
    return WorkTools(estimation: [:], superResolution: .init(sha256: nil, source: "none"))
  }
}

/// Work without end, which only cancelling stops.
final class EndlessWork: PictureWork {
  private let state = Monitor((begun: 0, ended: 0))

  func waitUntilBegun(_ count: Int) { _ = state.wait { $0.begun >= count ? true : nil } }
  func waitUntilEnded(_ count: Int) { _ = state.wait { $0.ended >= count ? true : nil } }

  func estimate(_ picture: [UInt8], _ order: EstimateRequest) throws -> WorkResult {
    state.update { $0.begun += 1 }
    defer { state.update { $0.ended += 1 } }
    while true {
      try order.inHand.advance(to: 0.25)
      usleep(1000)
    }
  }

  func enlarge(_ picture: [UInt8], _ order: EnlargeRequest) throws -> WorkResult {
    try estimate(picture, order.kernel)
  }

  func restore(_ picture: [UInt8], _ order: RestoreRequest) throws -> WorkResult {
    try estimate(picture, order.kernel)
  }

  func tools() throws -> WorkTools {
    WorkTools(estimation: [:], superResolution: .init(sha256: nil, source: "none"))
  }
}

/// Answers with what it was given.
struct EchoWork: PictureWork {
  func estimate(_ picture: [UInt8], _ order: EstimateRequest) throws -> WorkResult {
    WorkResult(picture, type: "application/octet-stream", checkpoint: nil)
  }

  func enlarge(_ picture: [UInt8], _ order: EnlargeRequest) throws -> WorkResult {
    try estimate(picture, order.kernel)
  }

  func restore(_ picture: [UInt8], _ order: RestoreRequest) throws -> WorkResult {
    try estimate(picture, order.kernel)
  }

  func tools() throws -> WorkTools {
    WorkTools(estimation: [:], superResolution: .init(sha256: nil, source: "none"))
  }
}

extension HTTPService {
  static func forTests(
    _ work: any PictureWork = GatedWork(), runs: RunWatch? = nil, at address: String = "127.0.0.1:0",
    _ change: (inout Limits) -> Void = { _ in }, settings adjust: (inout HTTPSettings) -> Void = { _ in }
  ) throws -> HTTPService {
    var limits = Limits(jobs: 1)
    // None that is not the test's own ends anything, however busy the machine.
    (limits.head, limits.upload, limits.download, limits.work) = (600, 600, 600, 600)
    change(&limits)
    var settings = HTTPSettings(limits)
    adjust(&settings)
    return try HTTPService(listeningAt: HTTPAddress(address), runs: runs, pictures: work, settings)
  }

  var port: Int { address.port }
}
