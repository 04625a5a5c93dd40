import Platform

/// Why there is no service. `description` is one sentence for the user. (What single requests are refused for is `Problem`.)
public enum ServiceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is no `HOST:PORT`.
  case badAddress(String)
  /// The system does not let us listen there.
  case cannotListen(address: String, cause: String)
  /// What the build puts beside the program is not there.
  case incomplete(file: String)
  /// Strangers reach the address, and nothing keeps them out.
  case openToAll(address: String)
  /// The file with tokens cannot be used.
  case badToken(file: String, reason: String)
  /// The system has no thread left; the text is `ThreadError`'s.
  case noThread(String)

  public var description: String {
    switch self {
    case .badAddress(let text):
      "cannot serve HTTP at \(String(reflecting: String(text.prefix(200)))): it is not HOST:PORT, such as "
        + "127.0.0.1:8080; correct it"
    case .cannotListen(let address, let cause):
      "cannot serve HTTP at \(address): \(cause); choose another address or port with --http"
    case .incomplete(let file):
      "cannot serve HTTP: \(file) is missing beside this program; build or install it as a whole"
    case .openToAll(let address):
      "cannot serve HTTP at \(address): everybody who reaches this address could use it; give --token-file, listen at "
        + "127.0.0.1, or write --insecure"
    case .badToken(let file, let reason):
      "cannot use the tokens in \(quoted(file)): \(reason)"
    case .noThread(let text): "cannot serve HTTP: \(text)"
    }
  }
}
