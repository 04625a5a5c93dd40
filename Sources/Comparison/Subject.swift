/// One picture of a benchmark, which measurements are made of.
struct Subject: Sendable {
  let bench: Bench
  let pair: Bench.Pair

  /// For messages and ledgers.
  var name: String { "\(bench.name)/\(pair.name)" }
  /// How other tools' results name it.
  var place: GivenResults.Place { .init(bench: bench.name, picture: pair.name) }
}

extension Bench {
  var subjects: [Subject] { pairs.map { Subject(bench: self, pair: $0) } }
}

/// One estimate of a method: with a seed, up to a number of steps.
struct MethodRun: Sendable {
  let method: ComparedMethod
  let seed: UInt64
  let steps: Int
}
