internal import CZeroMQ
import Platform
import Synchronization

/// Decides who is let in over CURVE: libzmq asks it at each handshake (ZAP, RFC 27). The list's file is read again when it
/// changes, without a restart; connections of keys that are gone are cut within a second.
///
/// Its socket is bound when this initialiser returns, so before any socket that it guards. One for each `Context`.
public final class Gatekeeper: Sendable {
  private let book: GuestBook
  private let wakeUp: WakeUp
  private let thread: Mutex<NamedThread?>

  /// - Parameters:
  ///   - file: the list; nil where only `own` guests come.
  ///   - own: guests that no file names, such as processes that this one starts.
  ///   - log: told once of each key that is turned away, and of a list that cannot be read any more.
  /// - Throws: `KeyError` where the list cannot be read, `TransportError`.
  public init(
    _ context: Context, allowing file: String?, own: [PublicKey: GuestList.Guest] = [:],
    log: @escaping @Sendable (String) -> Void
  ) throws {
    let book = try GuestBook(file: file, own: own, log: log)
    let wakeUp = try WakeUp()
    let socket = try Socket(context, type: ZMQ_REP, SocketOptions(), name: "inproc://zeromq.zap.01")
    try socket.bind()
    let loop = GateLoop(socket, wakeUp: wakeUp, book: book)
    (self.book, self.wakeUp) = (book, wakeUp)
    thread = Mutex(try socketThread("gatekeeper") { loop.run() })
  }

  deinit { close() }

  /// No handshake succeeds any more.
  public func close() {
    book.close()
    wakeUp.signal()
    thread.withLock { $0.take() }?.join()
  }

  /// The name under which a key is let in; nil where it is not.
  public func name(of key: PublicKey, as role: Role) -> String? { book.name(of: key, as: role) }
}

/// The list as it is now.
private final class GuestBook: Sendable {
  private struct State {
    var list: GuestList
    var stamp: FileStamp?
    /// Keys that were turned away, to be told of once each.
    var told: Set<String> = []
    var isClosed = false
  }

  private let file: String?
  private let own: [PublicKey: GuestList.Guest]
  private let state: Mutex<State>
  private let log: @Sendable (String) -> Void

  private static let mostTold = 1000

  init(
    file: String?, own: [PublicKey: GuestList.Guest], log: @escaping @Sendable (String) -> Void
  ) throws(KeyError) {
    (self.file, self.own, self.log) = (file, own, log)
    let stamp = file.flatMap { FileStamp($0) }
    var list = GuestList()
    if let file { list = try GuestList(file: file) }
    state = Mutex(State(list: list, stamp: stamp))
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }
  func close() { state.withLock { $0.isClosed = true } }

  func name(of key: PublicKey, as role: Role) -> String? {
    if let guest = own[key], guest.roles.contains(role) { return guest.name }
    reload()
    return state.withLock { $0.list.name(of: key, as: role) }
  }

  private func reload() {
    guard let file, let stamp = FileStamp(file), stamp != state.withLock({ $0.stamp }) else { return }
    do {
      let list = try GuestList(file: file)
      state.withLock { ($0.list, $0.stamp, $0.told) = (list, stamp, []) }
    } catch {
      // A slip of the editor shuts nobody out and lets nobody in.
      state.withLock { $0.stamp = stamp }
      log("\(error); the list as it was goes on")
    }
  }

  func noteTurnedAway(_ request: GateRequest) {
    let isNew = state.withLock { state in
      state.told.count < Self.mostTold && state.told.insert("\(request.role) \(request.key)").inserted
    }
    guard isNew else { return }
    log(
      "the key \(request.key) from \(request.address) is not allowed as \(request.role.rawValue) and is turned away"
    )
  }
}

/// What libzmq asks about a client.
private struct GateRequest {
  let role: Role
  let address: String
  let key: PublicKey

  /// Nil for anything but CURVE by version 1.0: whoever has no key is not let in either.
  init?(_ frames: [[UInt8]]) {
    guard frames.count == 7, frames[0] == Array("1.0".utf8), frames[5] == Array("CURVE".utf8),
      let key = frames[6].withUnsafeBytes({ PublicKey(bytes: $0) })
    else { return nil }
    let domain = String(decoding: frames[2], as: UTF8.self)
    guard let role = Role.allCases.first(where: { $0.domain == domain }) else { return nil }
    (self.role, address, self.key) = (role, String(decoding: frames[3], as: UTF8.self), key)
  }
}

/// What the gatekeeper's thread does. `@unchecked`: made by one thread and used by that of the socket alone.
private final class GateLoop: @unchecked Sendable {
  private var socket: Socket?
  private let wakeUp: WakeUp
  private let book: GuestBook

  init(_ socket: Socket, wakeUp: WakeUp, book: GuestBook) {
    (self.socket, self.wakeUp, self.book) = (socket, wakeUp, book)
  }

  func run() {
    guard let socket else { return }
    self.socket = nil  // closed when this function ends
    // Where this fails nobody is let in any more: the domain is enforced, and there is no handler.
    do { try serve(socket) } catch { book.close() }
  }

  private func serve(_ socket: Socket) throws(TransportError) {
    while !book.isClosed {
      try wakeUp.wait(for: [socket])
      while !book.isClosed, let frames = try socket.receive() {
        let request = frames.map { $0.withBytes { Array($0) } }
        guard request.count >= 2 else { continue }
        try answer(request, socket)
      }
    }
  }

  private func answer(_ frames: [[UInt8]], _ socket: Socket) throws(TransportError) {
    var user = ""
    if let request = GateRequest(frames) {
      if let name = book.name(of: request.key, as: request.role) {
        user = UserID(name: name, key: request.key).text
      } else {
        book.noteTurnedAway(request)
      }
    }
    let code = user.isEmpty ? "400" : "200"
    let parts = [frames[0], frames[1], Array(code.utf8), [], Array(user.utf8), []]
    for (number, part) in parts.enumerated() {
      _ = try socket.send(MessageFrame(part), last: number == parts.count - 1)
    }
  }
}

/// Whom a connection belongs to, as the gatekeeper has libzmq attach it to each message.
struct UserID {
  let name: String
  let key: PublicKey

  init(name: String, key: PublicKey) { (self.name, self.key) = (name, key) }

  init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2, let key = try? PublicKey(words[1]) else { return nil }
    self.init(name: words[0], key: key)
  }

  var text: String { "\(name) \(key)" }
}
