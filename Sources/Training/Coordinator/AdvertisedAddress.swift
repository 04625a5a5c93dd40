/// The address by which others find a coordinator, as it stands in the run's folder.
package enum AdvertisedAddress {
  /// - Parameters:
  ///   - endpoint: where it listens, such as tcp://0.0.0.0:5555.
  ///   - host: to be named whatever it listens at; nil to name `machine` where it listens on all interfaces.
  package static func of(_ endpoint: String, host: String?, machine: String) -> String {
    guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return endpoint }
    let listening = endpoint[endpoint.index(endpoint.startIndex, offsetBy: 6)..<colon]
    let isAnywhere = ["0.0.0.0", "*", "[::]", "::"].contains(String(listening))
    guard let named = host ?? (isAnywhere ? machine : nil) else { return endpoint }
    // An IPv6 address stands in brackets.
    let bracketed = named.contains(":") && !named.hasPrefix("[") ? "[\(named)]" : named
    return "tcp://" + bracketed + endpoint[colon...]
  }

  /// The same for processes of this machine.
  package static func local(_ endpoint: String) -> String {
    endpoint.replacing("//0.0.0.0:", with: "//127.0.0.1:").replacing("//[::]:", with: "//[::1]:")
  }
}

extension CoordinatorProcess {
  /// Where processes of this machine find it.
  public var localEndpoint: String { AdvertisedAddress.local(endpoint) }
}
