/// How the service is run, beside where it listens.
public struct HTTPSettings: Sendable {
  public var limits: Limits
  /// Names that clients call the server by, beside its address and those of loopback.
  public var hostNames: [String] = []
  /// A file with one token a line, of at least 32 characters, which nobody else can read; nil: no token is asked for.
  public var tokenFile: String?
  /// Serves strangers without a token.
  public var isOpenToAll = false
  /// A file for one line a request; nil for none.
  public var accessLog: String?
  /// What an operator should know, one line each; called on any thread.
  public var log: @Sendable (String) -> Void = { _ in }

  public init(_ limits: Limits) { self.limits = limits }

  /// - Throws: `ServiceError.openToAll`, `.badToken`.
  func tokens(for address: HTTPAddress) throws(ServiceError) -> TokenFile? {
    guard let tokenFile else {
      guard address.isLoopback || isOpenToAll else { throw .openToAll(address: "\(address)") }
      return nil
    }
    return try TokenFile(tokenFile, log: log)
  }
}
