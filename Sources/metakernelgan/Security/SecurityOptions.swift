import ArgumentParser
import Foundation
import Transport

/// Whom a service lets in.
struct GuestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Public keys that are let in, with --keys: lines NAME ROLE KEY; read again when they change. (default: allow in the "
        + "folder of --keys)", valueName: "file"), completion: .file())
  var allow: String?

  /// The list that is in force with a folder of keys; nil where there is none.
  func list(_ folder: String?) -> String? {
    if let allow { return allow }
    guard let list = folder.map(KeyFiles.list(in:)), FileManager.default.fileExists(atPath: list) else {
      return nil
    }
    return list
  }

  /// - Parameters:
  ///   - folder: of this service's own keys.
  ///   - isOpen: whether everybody is meant to be let in (`--insecure`).
  /// - Throws: `ValidationError`, where others than this machine's users reach `address` and nothing is in their way.
  func requireProtection(of address: String?, _ folder: String?, isOpen: Bool) throws {
    guard folder != nil || allow == nil else { throw ValidationError("--allow needs --keys.") }
    guard let address, address != "off", !isOpen, list(folder) == nil,
      let parsed = try? Address(address, for: .listening), !parsed.isLoopback
    else { return }
    throw ValidationError(
      "\(address) is within reach of other machines, and without keys whoever reaches it is let in; give --keys DIR "
        + "(`metakernelgan keygen --cluster DIR` makes it), or --insecure where the network itself keeps others out."
    )
  }

  /// - Throws: exit code 78 with one line.
  func load(_ folder: String?) throws -> ServerKeys? {
    guard let folder, let list = list(folder) else { return nil }
    do {
      _ = try GuestList(file: list)
      return ServerKeys(try KeyFiles.read(from: folder, KeyFiles.coordinator), allowing: list)
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }
}

/// The keys of a program that serves.
struct ServiceKeyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with this program's keys (`metakernelgan keygen`): connections are encrypted, and only whom --allow names "
        + "is let in."), completion: .directory)
  var keys: String?

  @OptionGroup var guests: GuestOptions

  /// - Throws: `ValidationError`, where `address` is within reach of others and nothing is in their way.
  func requireProtection(of address: String?, isOpen: Bool) throws {
    try guests.requireProtection(of: address, keys, isOpen: isOpen)
  }

  /// - Throws: exit code 78 with one line.
  func load() throws -> ServerKeys? {
    let server = try guests.load(keys)
    if let keys, server == nil {
      throw Exit.because(
        "\(KeyFiles.list(in: keys)): no such file; name the list of keys with --allow", Exit.configuration)
    }
    return server
  }

  /// As `load`; the program's own workers are let in by a key that is drawn now and handed down to them.
  func loadForTraining(localWorkers: Int) throws -> ServerKeys? {
    guard var server = try load() else { return nil }
    guard localWorkers > 0 else { return server }
    do {
      let own = try KeyPair()
      server.own[own.publicKey] = GuestList.Guest(name: "local", roles: [.worker])
      InheritedKeys.hand(down: .client(own, server: server.keys.publicKey))
    } catch { throw Exit.because("\(error)", Exit.configuration) }
    return server
  }
}

/// Who a client is, and whom it speaks with.
struct ClientKeyOptions: ParsableArguments {
  @Option(help: "Folder with this program's keys (`metakernelgan keygen`).", completion: .directory)
  var keys: String?

  @Option(
    help: ArgumentHelp(
      "The public key of the service that is connected to, or a file with it: the connection is encrypted. (default: "
        + "coordinator.pub in the folder of --keys)", valueName: "file|key"))
  var serverKey: String?

  func validate() throws {
    guard serverKey == nil || keys != nil else { throw ValidationError("--server-key needs --keys.") }
  }

  /// - Parameter name: this kind of program in a cluster's folder of keys.
  /// - Throws: exit code 78 with one line.
  func load(as name: String) throws -> Security {
    guard let keys else { return .none }
    do {
      let server = try serverKey.map { try KeyFiles.publicKey($0) } ?? (try KeyFiles.coordinatorKey(in: keys))
      guard let server else {
        throw Exit.because(
          "\(keys): no coordinator.pub; name the service's key with --server-key", Exit.configuration)
      }
      return .client(try KeyFiles.read(from: keys, name), server: server)
    } catch let error as KeyError { throw Exit.because("\(error)", Exit.configuration) }
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
