import Foundation

/// Where the coordinator of a run listens, as it stands in the run's folder for those on the same file system.
public struct PublishedAddress: Codable, Sendable, Equatable {
  /// For example `tcp://10.0.0.7:5555`.
  public let endpoint: String
  /// Of the coordinator that listens there. A killed one leaves its address behind until the next publishes its own.
  public let incarnation: UInt64

  public init(endpoint: String, incarnation: UInt64) {
    (self.endpoint, self.incarnation) = (endpoint, incarnation)
  }
}

extension RunFolder {
  /// What the last coordinator published, nil if there was none or it ended in good order.
  /// - Throws: `RunDirectoryError.refused`.
  public func publishedAddress() throws(RunDirectoryError) -> PublishedAddress? {
    guard let bytes = try contents(of: address) else { return nil }
    guard let found = try? JSONDecoder().decode(PublishedAddress.self, from: bytes) else {
      throw .refused(.read, file: address, cause: "it holds no endpoint and incarnation")
    }
    return found
  }
}

extension RunLease {
  /// Publishes where this coordinator listens, until `release`.
  /// - Throws: `RunDirectoryError.leaseLost` and `.refused`.
  public func publish(endpoint: String) throws(RunDirectoryError) {
    if !isHeld { throw .leaseLost(folder: folder.path) }
    try replace(
      folder.address, withJSON: PublishedAddress(endpoint: endpoint, incarnation: incarnation))
  }
}
