import Foundation

/// What the tests look at in a report of `estimate`.
struct EstimateReport: Decodable {
  struct Orientation: Decodable { let exif: Int?, applied: Bool }
  let picture: String, width: Int
  let kernel: [[Double]], sum: Double, covariance: [String: Double]
  let losses: [String: [Double]], checkpoint: [String: String], orientation: Orientation
  let averagedWith: [[String: String]]?
  let kernelSource: String

  /// - Parameter text: one line of JSON, or a whole file.
  init(_ text: some StringProtocol) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(text.utf8))
  }
}
