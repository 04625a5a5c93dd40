import Foundation
import Messages
import Platform
import Support
import Testing
import Transport

/// Asks for half a gigabyte and reads none of it.
final class GreedyPeer: Sendable {
  private let dealer: Dealer
  private let isOver = Monitor(false)

  /// - Parameter hash: SHA-256 of the file that it asks for.
  init(of hash: String, at endpoint: String, in context: Context) throws {
    var options = SocketOptions()
    (options.receiveQueue, options.linger) = (1, .zero)
    dealer = try Dealer(context, connectingTo: endpoint, options) { [isOver] event in
      if case .received = event { _ = isOver.wait { $0 ? true : nil } }
    }
    for number in 0..<2000 {
      let offset = number % 6 * PublisherRequest.chunkSize
      let request = PublisherRequest(1, .fetch(file: hash, offset: offset)).encoded()
      try wait(for: "a connection") { dealer.send(request) }
    }
  }

  deinit {
    isOver.update { $0 = true }
    dealer.close()
  }
}

/// A TCP connection that says so much and no more.
final class RawPeer {
  private let descriptor: Int32

  init(port: UInt16, saying bytes: [UInt8]) throws {
    descriptor = try connectedSocket(port: port)
    _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  deinit { close(descriptor) }
}
