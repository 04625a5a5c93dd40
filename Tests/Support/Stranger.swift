import Foundation

/// A client that speaks ZMTP 3.0 by hand (RFC 23, NULL security, as a DEALER), to say what libzmq never would.
public final class Stranger {
  private let descriptor: Int32

  /// Shakes hands with whoever listens at this port of this machine.
  public init(port: UInt16) throws {
    descriptor = try connectedSocket(port: port)
    let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F]
    let mechanism = Array("NULL".utf8) + [UInt8](repeating: 0, count: 16)
    say(signature + [3, 0] + mechanism + [UInt8](repeating: 0, count: 32))
    _ = hear(64)
    let type: [UInt8] = [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
    let identity: [UInt8] = [8] + Array("Identity".utf8) + [0, 0, 0, 0]
    let ready: [UInt8] = [5] + Array("READY".utf8) + type + identity
    say([4, UInt8(ready.count)] + ready)
    let head = hear(2)
    if head.count == 2 { _ = hear(Int(head[1])) }
  }

  deinit { close(descriptor) }

  /// False where the other end has hung up.
  @discardableResult
  public func say(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let sent = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      done += sent
    }
    return true
  }

  /// So many bytes, or fewer where the other end hangs up.
  public func hear(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
    return Array(bytes.prefix(max(got, 0)))
  }

  /// One frame of a message; `more` says that others follow.
  public static func frame(_ body: [UInt8], more: Bool = false) -> [UInt8] {
    let flag: UInt8 = more ? 1 : 0
    guard body.count > 255 else { return [flag, UInt8(body.count)] + body }
    return [flag | 2] + withUnsafeBytes(of: UInt64(body.count).bigEndian) { Array($0) } + body
  }

  /// A PING command, which libzmq answers at once.
  public static let ping: [UInt8] = [4, 7, 4] + Array("PING".utf8) + [0, 0]

  /// Hangs up with a reset, so that what was not read is lost.
  public func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    shutdown(descriptor, Int32(SHUT_RD))
  }
}

/// The port at the end of an endpoint such as tcp://127.0.0.1:5555.
public func port(of endpoint: String) throws -> UInt16 {
  guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else {
    throw NobodyListens(port: 0)
  }
  return port
}

/// The most memory that this process has held, in bytes (VmHWM), which `forgetPeakMemory` sets back.
public func peakMemory() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
}

public func forgetPeakMemory() {
  guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
  try? file.write(contentsOf: Data("5".utf8))
}
