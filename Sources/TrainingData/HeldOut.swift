import Checkpoints
import Platform

/// Pictures that are never trained on.
enum HeldOut {
  /// One picture in twenty, rounded up: those whose paths have the lowest SHA-256, so that the choice depends
  /// on nothing but the names. Equal paths keep their order.
  static func split(_ paths: [String]) throws -> (training: [Int], heldOut: [Int]) {
    let hashes = try paths.map { try SHA256.hex(of: Array($0.utf8)) }
    let order = paths.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    let count = (paths.count + 19) / 20
    return (order.dropFirst(count).sorted(), order.prefix(count).sorted())
  }
}
