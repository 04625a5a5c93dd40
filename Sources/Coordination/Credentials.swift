import Messages

/// What is known of a connection beside what a registration says of itself.
public struct Credentials: Hashable, Sendable {
  /// Its network address; empty where there is none.
  public var address: String
  /// The name that its key is known under; nil without keys.
  public var key: String?

  public init(address: String = "", key: String? = nil) { (self.address, self.key) = (address, key) }

  /// Whether results from both may confirm each other: one liar has several names, and one faulty machine several
  /// processes.
  func isIndependent(of other: Credentials) -> Bool {
    address != other.address && (key == nil || key != other.key)
  }
}

/// Whom a worker's name belongs to.
struct Owner: Equatable {
  let credentials: Credentials
  let secret: String

  init(_ credentials: Credentials, _ registration: Registration) {
    (self.credentials, secret) = (credentials, registration.secret)
  }

  /// With keys the key decides; without, the secret.
  func isSame(as other: Owner) -> Bool {
    credentials.key != nil || other.credentials.key != nil
      ? credentials.key == other.credentials.key : secret == other.secret
  }

  /// Whether the coordinator's own program started it.
  func isOwn(_ configuration: Configuration) -> Bool {
    !configuration.secret.isEmpty && secret == configuration.secret
  }
}

extension Credentials {
  /// A worker's name: with keys, each key has a space of names to itself.
  func name(_ registration: Registration) -> String {
    key.map { "\($0)/\(registration.worker)" } ?? registration.worker
  }
}
