import ArgumentParser
import Foundation
import Transport

/// Of a service: who is let in.
struct GuestOptions: ParsableArguments {
  @Option(
    help:
      "File of the public keys that are let in, with --keys: lines NAME ROLE KEY; read again when it changes.",
    completion: .file())
  var allow: String?

  @Flag(
    help: "Listen for other machines without keys: whoever reaches the port is let in and can read along.")
  var insecure = false

  /// - Throws: `ValidationError`, where others than this machine's users reach `address` and nothing is in their way.
  func requireProtection(of address: String?) throws {
    guard let address, address != "off", allow == nil, !insecure,
      let parsed = try? Address(address, for: .listening), !parsed.isLoopback
    else { return }
    throw ValidationError(
      "\(address) is within reach of other machines, and without keys whoever reaches it is let in; give --keys and --allow "
        + "(`metakernelgan keygen --cluster DIR` makes both), or --insecure where the network itself keeps others out."
    )
  }

  /// - Parameter folder: of this service's own keys.
  /// - Throws: exit code 78 with one line.
  func load(_ folder: String?) throws -> ServerKeys? {
    guard let allow else { return nil }
    guard let folder else {
      throw Exit.because("--allow needs --keys with this service's own keys", ExitCode(64))
    }
    do {
      _ = try GuestList(file: allow)
      return ServerKeys(try KeyFiles.read(from: folder), allowing: allow)
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }
}

/// Of a program that only serves.
struct ServiceKeyOptions: ParsableArguments {
  @Option(
    help: "Folder with this program's keys (`metakernelgan keygen`): connections are encrypted.",
    completion: .directory)
  var keys: String?

  @OptionGroup var guests: GuestOptions

  func validate() throws {
    guard (keys == nil) == (guests.allow == nil) else {
      throw ValidationError("--keys and --allow belong together.")
    }
  }

  /// - Throws: exit code 78 with one line.
  func load() throws -> ServerKeys? { try guests.load(keys) }

  /// As `load`; the program's own workers are let in by a key that is drawn now and handed down to them.
  func loadForTraining(localWorkers: Int) throws -> ServerKeys? {
    guard var server = try load(), localWorkers > 0 else { return try load() }
    do {
      let own = try KeyPair()
      server.own[own.publicKey] = GuestList.Guest(name: "local", roles: [.worker])
      InheritedKeys.hand(down: .client(own, server: server.keys.publicKey))
    } catch { throw Exit.because("\(error)", Exit.configuration) }
    return server
  }
}

/// Of a client: who it is, and whom it speaks with.
struct ClientKeyOptions: ParsableArguments {
  @Option(help: "Folder with this program's keys (`metakernelgan keygen`).", completion: .directory)
  var keys: String?

  @Option(
    help: ArgumentHelp(
      "The public key of the service that is connected to, or a file with it: the connection is encrypted.",
      valueName: "file|key"))
  var serverKey: String?

  func validate() throws {
    guard serverKey == nil || keys != nil else { throw ValidationError("--server-key needs --keys.") }
  }

  /// - Throws: exit code 78 with one line.
  func load() throws -> Security {
    guard let keys, let serverKey else { return .none }
    do {
      return .client(try KeyFiles.read(from: keys), server: try KeyFiles.publicKey(serverKey))
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }
}

/// Keys for computing processes, which their supervisor hands down in the environment: only processes of the same user can
/// read it.
enum InheritedKeys {
  private static let secret = "METAKERNELGAN_SECRET_KEY"
  private static let server = "METAKERNELGAN_SERVER_KEY"

  /// To be called before there are other threads, since it changes the environment.
  static func hand(down security: Security) {
    guard case .client(let keys, let serverKey) = security else { return }
    setenv(secret, keys.secretForChild, 1)
    setenv(server, serverKey.description, 1)
  }

  static func take() throws -> Security {
    let environment = ProcessInfo.processInfo.environment
    guard let secret = environment[secret], let server = environment[server] else { return .none }
    return .client(try KeyPair(secret: secret), server: try PublicKey(server))
  }
}
