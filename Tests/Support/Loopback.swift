import Foundation

/// Nobody listens.
public struct NobodyListens: Error { let port: UInt16 }

/// A TCP connection to a port of this machine, for peers that say what no client would.
/// - Returns: its descriptor, the caller's to close.
public func connectedSocket(port: UInt16) throws -> Int32 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  let code = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard code == 0 else {
    close(descriptor)
    throw NobodyListens(port: port)
  }
  return descriptor
}
