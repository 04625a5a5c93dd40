import Foundation
import Support
import Testing
import Transport

extension TransportTests {
  /// Keys over real sockets: who is let in, and who is not.
  struct KeyTests {
    private let server: KeyPair
    private let friend: KeyPair
    private let folder: TemporaryFolder
    private let lines = Inbox<String>()

    init() throws {
      (server, friend, folder) = (try KeyPair(), try KeyPair(), try TemporaryFolder())
    }

    private var list: String { folder.file("allow").path }

    private func allow(_ lines: String...) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: list), options: .atomic)
    }

    private func line(_ name: String, roles: String, key keys: KeyPair) -> String {
      "\(name) \(roles) \(keys.publicKey)"
    }

    private func options(_ security: Security) -> SocketOptions {
      var options = SocketOptions()
      options.security = security
      return options
    }

    /// A router that lets in whom the list names as workers.
    private func guarded() throws -> RouterEnd {
      let context = try Context()
      let gatekeeper = try Gatekeeper(context, allowing: list) { [lines] in lines.add($0) }
      return try RouterEnd(context, options(.server(server, gatekeeper, .worker)))
    }

    private func client(_ keys: KeyPair, of router: RouterEnd, taking other: PublicKey? = nil) throws
      -> DealerEnd
    {
      try DealerEnd(
        Context(), to: router.router.endpoint, options(.client(keys, server: other ?? server.publicKey)))
    }

    @Test func `who is on the list is let in under its name`() throws {
      try allow("# friends", "", line("anna", roles: "worker,reader", key: friend))
      let router = try guarded()
      let dealer = try client(friend, of: router)
      dealer.waitFor(.connected)
      let message = (0..<400_000).map { UInt8(truncatingIfNeeded: $0) }
      dealer.dealer.send(message)
      let origin = router.inbox.next { if case .arrived(_, let origin) = $0 { origin } else { nil } }
      #expect(origin == Router.Origin(address: "127.0.0.1", user: "anna"))
      let (peer, bytes) = try #require(router.nextMessage())
      #expect(bytes == message)
      router.router.send(message, to: [peer])
      #expect(dealer.nextMessage() == message)
    }

    @Test func `a key that is not on the list is refused and told of once`() throws {
      try allow(line("anna", roles: "worker", key: friend))
      let router = try guarded()
      let stranger = try KeyPair()
      for _ in 0..<3 {
        let dealer = try client(stranger, of: router)
        dealer.waitFor(.refused)
      }
      #expect(
        lines.next()
          == "the key \(stranger.publicKey) from 127.0.0.1 is not allowed as worker and is turned away")
      #expect(lines.next(within: 0.2) == nil)
    }

    @Test func `a key in another role is refused`() throws {
      try allow(line("anna", roles: "reader,estimator", key: friend))
      let router = try guarded()
      try client(friend, of: router).waitFor(.refused)
    }

    @Test func `a client without keys is not let in`() throws {
      try allow(line("anna", roles: "worker", key: friend))
      let router = try guarded()
      let plain = try DealerEnd(Context(), to: router.router.endpoint)
      let stranger = try Stranger(port: port(of: router.router.endpoint))
      stranger.say(Stranger.frame([1]))
      // Whoever comes later and belongs here is first.
      let dealer = try client(friend, of: router)
      dealer.waitFor(.connected)
      dealer.dealer.send([7])
      #expect(try #require(router.nextMessage()).bytes == [7])
      #expect(!plain.dealer.send([1]))
    }

    @Test func `a server with another key gets nothing`() throws {
      try allow(line("anna", roles: "worker", key: friend))
      let router = try guarded()
      let dealer = try client(friend, of: router, taking: try KeyPair().publicKey)
      let other = try client(friend, of: router)
      other.waitFor(.connected)
      #expect(!dealer.dealer.send([1]))
    }

    @Test func `a client with keys does not speak to a server without`() throws {
      let router = try RouterEnd(try Context())
      let dealer = try client(friend, of: router)
      let plain = try DealerEnd(Context(), to: router.router.endpoint)
      plain.waitFor(.connected)
      #expect(!dealer.dealer.send([1]))
    }

    /// libzmq would let anybody in where nobody answers and the domain is not enforced.
    @Test func `without a gatekeeper nobody is let in`() throws {
      try allow(line("anna", roles: "worker", key: friend))
      let context = try Context()
      let gatekeeper = try Gatekeeper(context, allowing: list) { _ in }
      let router = try RouterEnd(context, options(.server(server, gatekeeper, .worker)))
      gatekeeper.close()
      let dealer = try client(friend, of: router)
      #expect(dealer.inbox.next(within: 2) != .connected)
    }

    @Test func `a key that leaves the list is cut and one that enters is let in`() throws {
      let late = try KeyPair()
      try allow(line("anna", roles: "worker", key: friend))
      let router = try guarded()
      let dealer = try client(friend, of: router)
      dealer.waitFor(.connected)
      dealer.dealer.send([1])
      #expect(router.nextMessage() != nil)
      let other = try client(late, of: router)
      other.waitFor(.refused)
      try allow(line("bert", roles: "worker", key: late))
      dealer.waitFor(.disconnected)
      dealer.waitFor(.refused)
      // It tries again by itself.
      other.waitFor(.connected)
    }

    @Test func `a list that is broken leaves the old one in force`() throws {
      try allow(line("anna", roles: "worker", key: friend))
      let router = try guarded()
      try allow("anna worker")
      try client(friend, of: router).waitFor(.connected)
      #expect(try #require(lines.next()).hasSuffix("the list as it was goes on"))
    }

    // MARK: files

    @Test func `keys as files`() throws {
      let path = folder.file("keys").path
      let made = try KeyFiles.make(in: path)
      #expect(try KeyFiles.read(from: path, "worker").publicKey == made)
      #expect(try KeyFiles.publicKey(path + "/public.key") == made)
      #expect(try KeyFiles.publicKey(made.description) == made)
      #expect(throws: KeyError.exists(file: path + "/secret.key")) { try KeyFiles.make(in: path) }
    }

    @Test func `keys of a cluster`() throws {
      let path = folder.file("keys").path
      let coordinator = try KeyFiles.make(in: path, KeyFiles.coordinator)
      let worker = try KeyFiles.make(in: path, "worker")
      #expect(try KeyFiles.read(from: path, "coordinator").publicKey == coordinator)
      #expect(try KeyFiles.read(from: path, "worker").publicKey == worker)
      #expect(try KeyFiles.coordinatorKey(in: path) == coordinator)
      #expect(throws: KeyError.self) { try KeyFiles.read(from: path, "reader") }
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o604] as [UInt16])
    func `a secret that others can read is refused`(mode: UInt16) throws {
      let path = folder.file("keys").path
      try KeyFiles.make(in: path)
      chmod(path + "/secret.key", mode_t(mode))
      #expect(throws: KeyError.exposed(file: path + "/secret.key", mode: Int(mode))) {
        try KeyFiles.read(from: path, "worker")
      }
    }

    @Test func `a secret appears in no text`() throws {
      let keys = try KeyPair()
      #expect(
        !"\(keys)".contains(keys.secretForChild)
          && !"\(Security.client(keys, server: keys.publicKey))".contains(keys.secretForChild))
    }

    @Test(arguments: [
      "anna worker", "anna worker KEY more", "anna cook KEY", "anna worker, KEY", "a/b worker KEY",
      "anna worker short", "\u{E9}va worker KEY", "anna worker KEY\nbert worker KEY",
    ])
    func `lines that are none`(text: String) throws {
      let text = text.replacing("KEY", with: friend.publicKey.description)
      #expect(throws: KeyError.self) { try GuestList(text: text, file: "allow") }
    }

    @Test func `words that are no keys`() {
      for text in [
        "", "short", String(repeating: "a", count: 39), String(repeating: "a", count: 41),
        String(repeating: "~", count: 40), String(repeating: "\u{E9}", count: 20),
      ] {
        #expect(throws: KeyError.self) { try PublicKey(text) }
        #expect(throws: KeyError.self) { try KeyPair(secret: text) }
      }
    }
  }
}
