internal import CZeroMQ
import Platform

/// The public half of a CURVE key pair (Curve25519, RFC 26), as 40 characters of Z85 (RFC 32).
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Throws: `KeyError.badKey`.
  public init(_ text: String) throws(KeyError) {
    guard Z85.bytes(text) != nil else { throw .badKey(text) }
    description = text
  }

  /// From its 32 bytes, as a handshake carries it.
  init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32, let start = bytes.baseAddress else { return nil }
    var text = [CChar](repeating: 0, count: 41)
    guard zmq_z85_encode(&text, start.assumingMemoryBound(to: UInt8.self), 32) != nil else { return nil }
    description = String(decoding: text.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A CURVE key pair. Its secret half appears in no text about it.
public struct KeyPair: Sendable, CustomStringConvertible {
  public let publicKey: PublicKey
  /// 40 characters of Z85.
  let secret: String

  /// A new one, from the system's random numbers.
  /// - Throws: `KeyError.noCURVE`, where libzmq was built without it.
  public init() throws(KeyError) {
    var (open, closed) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
    guard zmq_curve_keypair(&open, &closed) == 0 else { throw .noCURVE }
    publicKey = try PublicKey(Z85.text(open))
    secret = Z85.text(closed)
  }

  /// - Parameter secret: 40 characters of Z85.
  /// - Throws: `KeyError`.
  public init(secret: String) throws(KeyError) {
    guard Z85.bytes(secret) != nil else { throw .badSecret }
    var open = [CChar](repeating: 0, count: 41)
    guard zmq_curve_public(&open, secret) == 0 else { throw .noCURVE }
    (publicKey, self.secret) = (try PublicKey(Z85.text(open)), secret)
  }

  public var description: String { "key pair with the public key \(publicKey)" }

  /// For a process that this one starts.
  public var secretForChild: String { secret }
}

enum Z85 {
  static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The 32 bytes of a key; nil where the text is none.
  static func bytes(_ text: String) -> [UInt8]? {
    guard text.utf8.count == 40, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 32)
    return zmq_z85_decode(&bytes, text) == nil ? nil : bytes
  }
}

/// How a socket's connections are protected.
public enum Security: Sendable {
  /// Not at all: whoever reaches the port is let in and can read along.
  case none
  /// Encrypted; whoever the gatekeeper admits in this role is let in.
  case server(KeyPair, Gatekeeper, Role)
  /// Encrypted, to the server that has this key and no other.
  case client(KeyPair, server: PublicKey)
}

/// What a key may be used for.
public enum Role: String, Sendable, CaseIterable {
  /// Computes a training's tasks.
  case worker
  /// Fetches checkpoints.
  case reader
  /// Sends pictures to an estimator.
  case estimator

  /// The domain of the ZAP request (RFC 27), from which the handler learns what is asked for.
  var domain: String { "metakernelgan-\(rawValue)" }
}

/// What can be wrong with keys. One sentence for the user.
public enum KeyError: Error, Equatable, Sendable, CustomStringConvertible {
  case badKey(String)
  case badSecret
  case noCURVE
  /// A secret that others can read is none.
  case exposed(file: String, mode: Int)
  case unreadable(file: String, cause: String)
  case unwritable(file: String, cause: String)
  case exists(file: String)
  case badLine(file: String, line: Int, cause: String)

  public var description: String {
    switch self {
    case .badKey(let text):
      "cannot use \(quoted(text)) as a public key: it is not 40 characters of Z85; take a public.key that "
        + "`metakernelgan keygen` made"
    case .badSecret:
      "cannot use a secret key: it is not 40 characters of Z85; make a new one with `metakernelgan keygen`"
    case .noCURVE: "cannot make keys: libzmq was built without CURVE; install libzmq5 with libsodium"
    case .exposed(let file, let mode):
      "cannot use the secret key \(quoted(file)): others can read it (mode \(String(mode, radix: 8))); chmod 600 it, or "
        + "make a new one if it may be known"
    case .unreadable(let file, let cause):
      "cannot read keys from \(quoted(file)): \(cause); make them with `metakernelgan keygen`"
    case .unwritable(let file, let cause):
      "cannot write the key \(quoted(file)): \(cause); check the path, its permissions and the disk"
    case .exists(let file):
      "cannot make keys: \(quoted(file)) is there already and is not overwritten; name another folder, or remove it first"
    case .badLine(let file, let line, let cause):
      "cannot read line \(line) of \(quoted(file)): \(cause); each line reads NAME ROLE KEY with ROLE worker, reader or "
        + "estimator, or several with commas"
    }
  }
}
