import Foundation
import Messages
import Support
import Testing
import Transport

/// Asks for half a gigabyte and reads none of it.
final class GreedyPeer: Sendable {
  private let dealer: Dealer
  private let isOver = Monitor(false)

  init(_ context: Context, _ endpoint: String, _ hash: String) throws {
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
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(code == 0)
    _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  deinit { close(descriptor) }
}
