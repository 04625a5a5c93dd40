import Platform

/// What a service needs to let in only whom it knows.
public struct ServerKeys: Sendable {
  public let keys: KeyPair
  /// The list of guests, as `GuestList` reads it.
  public let allowing: String?
  /// Further guests, such as processes that this one starts.
  public var own: [PublicKey: GuestList.Guest] = [:]

  public init(_ keys: KeyPair, allowing: String?) { (self.keys, self.allowing) = (keys, allowing) }

  /// Places a gatekeeper in front of the context's sockets; to be called before they are made.
  ///
  /// - Throws: `KeyError`, `TransportError`.
  public func guarding(
    _ context: Context, as role: Role, log: @escaping @Sendable (String) -> Void
  ) throws -> Security {
    .server(keys, try Gatekeeper(context, allowing: allowing, own: own, log: log), role)
  }
}

extension Optional where Wrapped == ServerKeys {
  /// As `ServerKeys.guarding`; no protection where there are no keys.
  public func guarding(
    _ context: Context, as role: Role, log: @escaping @Sendable (String) -> Void
  ) throws -> Security {
    try self?.guarding(context, as: role, log: log) ?? .none
  }
}
