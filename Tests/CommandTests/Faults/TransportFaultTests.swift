import Foundation
import Support
import Testing

/// What made libzmq abort a service (stream_engine_base.cpp:331): input that had been stopped on a connection that breaks.
@Suite("Transport faults", .tags(.slow), .serialized)
struct TransportFaultTests {
  /// Ctrl-Z and fg, or a virtual machine that is paused: the coordinator stands still and its workers do not.
  @Test func `a coordinator that is stopped for a while goes on`() throws {
    let scenario = try Scenario(steps: 100_000)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    let worker = try scenario.startWorker(try scenario.address(of: coordinator), cores: 2)
    try coordinator.waitForError("joined", count: 2)
    for _ in 0..<2 {
      let step = scenario.newestStep
      try wait(for: "training to go on", log: coordinator.errors) {
        !coordinator.isRunning || scenario.newestStep > step
      }
      coordinator.kill(SIGSTOP)
      // Longer than a connection waits for an acknowledgement.
      Thread.sleep(forTimeInterval: 12)
      coordinator.kill(SIGCONT)
    }
    let step = scenario.newestStep
    try wait(for: "training to go on", log: coordinator.errors) {
      !coordinator.isRunning || scenario.newestStep > step + 1
    }
    #expect(coordinator.isRunning, "\(coordinator.errors)")
    coordinator.kill(SIGTERM)
    #expect(try coordinator.end() == 75)
    worker.kill(SIGKILL)
    _ = try worker.end()
    try scenario.expectNoLeftovers()
  }

  /// Strangers that send thousands of messages each and reset their connections, while an honest worker computes.
  @Test func `a flood of strangers ends no training`() throws {
    let scenario = try Scenario(steps: 12)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    let address = try scenario.address(of: coordinator)
    for _ in 0..<2 { flood(try port(of: address)) }
    let worker = try scenario.startWorker(address)
    flood(try port(of: address))
    #expect(try coordinator.end() == 0, "\(coordinator.errors)")
    #expect(try worker.end() == 0)
    #expect(try scenario.result() == Undisturbed.result(after: 12))
    try scenario.expectNoLeftovers()
  }

  @Test func `a flood of strangers ends no publisher and no estimator`() throws {
    let scenario = try Scenario(steps: 1)
    let publisher = try scenario.program([
      "serve", "--runs", scenario.folder.url.path, "--http", "off", "--listen", "tcp://127.0.0.1:*",
    ])
    let estimator = try scenario.program(["estimator", "--listen", "tcp://127.0.0.1:*"])
    for service in [publisher, estimator] {
      try service.waitForError("tcp://127.0.0.1:")
      let rest = try #require(service.errors.components(separatedBy: "tcp://127.0.0.1:").last)
      let port = try #require(UInt16(rest.prefix { $0.isNumber }))
      for _ in 0..<3 { flood(port) }
      #expect(try Stranger(port: port).say(Stranger.frame([1])), "it still answers a handshake")
      #expect(service.isRunning, "\(service.errors)")
      service.kill(SIGTERM)
      #expect(try service.end() == 0)
    }
    try scenario.expectNoLeftovers()
  }

  /// 50 connections that send 5,000 messages and a PING each and are reset; whoever is hung up on before has been refused.
  private func flood(_ port: UInt16) {
    let messages = (0..<500).flatMap { _ in Stranger.frame(Array("hello".utf8)) }
    DispatchQueue.concurrentPerform(iterations: 50) { _ in
      guard let stranger = try? Stranger(port: port) else { return }
      for _ in 0..<10 where !stranger.say(messages) { break }
      stranger.say(Stranger.ping)
      stranger.reset()
    }
  }
}
