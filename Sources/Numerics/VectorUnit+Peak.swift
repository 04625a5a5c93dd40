import CLoops

extension VectorUnit {
  /// Multiply-adds a second that one core does in registers, the most any program can: best of `tries` runs of
  /// about 20 ms each.
  public func measurePeak(tries: Int = 10) -> Double {
    var sink: [Float] = [0.999, 1e-6, 0.5, 0]
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<tries {
      var done = 0.0
      let elapsed = clock.measure { done = loops.multiply_adds(4_000_000, &sink) }
      best = max(best, done / elapsed.seconds)
    }
    return best
  }
}

extension Duration {
  /// The duration in seconds.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
