/// What a measurement does not survive.
package enum BenchError: Error, CustomStringConvertible {
  /// What was measured ended badly, and has said why on its own streams.
  case failed(String)

  package var description: String {
    switch self {
    case .failed(let what): "the measured \(what) failed; its own message stands above"
    }
  }
}
