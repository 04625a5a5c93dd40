import Foundation
import Platform

/// A request's parameters, each given at most once; whoever reads one takes it, and what is left at the end is unknown.
struct Query {
  private var values: [String: String] = [:]

  /// - Parameter text: what follows a path's question mark; empty where nothing does.
  /// - Throws: `Problem`, where a parameter is given twice or is not text.
  init(_ text: String) throws(Problem) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let texts = parts.map { $0.replacing("+", with: " ").removingPercentEncoding }
      guard let name = texts[0], let value = texts.count == 2 ? texts[1] : "" else {
        throw Problem(422, "the query is not percent-encoded UTF-8; encode it")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Problem(422, "the parameter \(quoted(name)) is given twice; give it once")
      }
    }
  }

  /// - Throws: `Problem`, where it is given and is no such value.
  mutating func take<Value>(
    _ name: String, expecting expected: String, _ parse: (String) -> Value?
  ) throws(Problem) -> Value? {
    guard let text = values.removeValue(forKey: name) else { return nil }
    guard let value = parse(text) else {
      throw Problem(422, "the parameter \(name) is \(quoted(text)), but must be \(expected)")
    }
    return value
  }

  mutating func take<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, of: Choice.Type
  ) throws(Problem) -> Choice? {
    try take(
      name, expecting: Choice.allCases.map(\.rawValue).joined(separator: " or "), Choice.init(rawValue:))
  }

  mutating func takeWhole(_ name: String, in range: ClosedRange<UInt64>) throws(Problem) -> UInt64? {
    try take(name, expecting: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      text.utf8.allSatisfy { (48...57).contains($0) }
        ? UInt64(text).flatMap { range.contains($0) ? $0 : nil } : nil
    }
  }

  /// - Throws: `Problem`, where there is more than was taken.
  func finish() throws(Problem) {
    guard let unknown = values.keys.min() else { return }
    throw Problem(
      422, "there is no parameter \(quoted(unknown)) here; /api/v1/openapi.yaml lists those that there are")
  }
}

extension Query {
  /// The name by which a client asks for its picture's progress.
  mutating func takeTicket() throws(Problem) -> String? {
    try take("ticket", expecting: "16 to 64 letters, digits or hyphens") { text in
      let isName = text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
      }
      return isName && (16...64).contains(text.utf8.count) ? text : nil
    }
  }

  /// Standard deviation in 8-bit levels; nil for an estimate.
  fileprivate mutating func takeNoise() throws(Problem) -> Double? {
    let level = try take("noise", expecting: "auto or a number from 0 to 255") { text -> Double?? in
      if text == "auto" { return .some(nil) }
      return Double(text).flatMap { (0...255).contains($0) ? .some($0) : nil }
    }
    return level ?? nil
  }
}

extension EstimateRequest {
  fileprivate init(_ query: inout Query) throws(Problem) {
    scale = try query.take("scale", expecting: "2 or 4") { ["2": 2, "4": 4][$0] } ?? 2
    mode = try query.take("mode", of: Mode.self)
    steps = try query.takeWhole("steps", in: 0...1000).map(Int.init)
    seed = try query.takeWhole("seed", in: 0 ... .max) ?? 0
  }

  /// - Parameters:
  ///   - query: what is left of it is refused.
  ///   - accepted: the Accept header, which counts where the query names no format.
  init(_ query: Query, accepted: String?) throws(Problem) {
    var query = query
    try self.init(&query)
    let asked = try query.take("format", of: Format.self)
    try query.finish()
    format = if let asked { asked } else { try Format(accepted: accepted) }
  }
}

extension EnlargeRequest {
  init(_ query: Query) throws(Problem) {
    self.init()
    var query = query
    kernel = try EstimateRequest(&query)
    method = try query.take("method", of: Method.self) ?? .kernel
    noise = try query.takeNoise()
    try query.finish()
  }
}

extension RestoreRequest {
  init(_ query: Query) throws(Problem) {
    self.init()
    var query = query
    kernel = try EstimateRequest(&query)
    noise = try query.takeNoise()
    isCompared =
      try query.take("compare", expecting: "true or false") { ["true": true, "false": false][$0] } ?? false
    try query.finish()
  }
}

extension EstimateRequest.Format {
  /// Media type.
  public var type: String {
    switch self {
    case .json: "application/json"
    case .npy: "application/octet-stream"
    case .png: "image/png"
    }
  }

  /// The first of those that the sender likes best (RFC 9110, 12.5.1); JSON for whoever does not say.
  fileprivate init(accepted: String?) throws(Problem) {
    guard let accepted else {
      self = .json
      return
    }
    let ranges = accepted.split(separator: ",").map { MediaRange($0) }
    let liked = Self.allCases.map { format in
      (format, ranges.compactMap { $0.weight(of: format.type) }.max() ?? 0)
    }
    guard let best = liked.map(\.1).max(), best > 0, let first = liked.first(where: { $0.1 == best }) else {
      throw Problem(
        406, "kernels are to be had as application/json, image/png or application/octet-stream (NumPy)")
    }
    self = first.0
  }
}

/// Part of an Accept header.
private struct MediaRange {
  private let type: String
  private let quality: Double

  init(_ text: Substring) {
    let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    type = parts.first ?? ""
    quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
  }

  func weight(of other: String) -> Double? {
    let isMatch = type == "*/*" || type == other || type.hasSuffix("/*") && other.hasPrefix(type.dropLast())
    return isMatch ? quality : nil
  }
}
