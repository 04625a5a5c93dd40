import Foundation

/// What is said about one picture's result.
package protocol PictureReport: Encodable, Sendable {
  /// The picture's path.
  var picture: String { get }
  /// For people: what was found and where it is.
  var summary: String { get }
  var notes: [String] { get }
}

extension Encodable {
  /// One line, or indented for a file.
  package func json(pretty: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
