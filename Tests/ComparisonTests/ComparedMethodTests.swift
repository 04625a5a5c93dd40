import Comparison
import Estimation
import Foundation
import Testing

@Suite("What is compared")
struct ComparedMethodTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures(pictures: ["a"]) }

  private func all(
    _ weights: [ComparedMethod.Weights], steps: [ComparedMethod.Steps] = [.last]
  ) throws -> [ComparedMethod] {
    try ComparedMethod.all(
      [MetaKernelGANMethod.self], weights: weights, options: MethodOptions(), steps: steps)
  }

  @Test func `labels of weights`() {
    let none: (String) -> Bool = { _ in false }
    #expect(
      ComparedMethod.Weights("ours=a/b.safetensors", fileExists: none)
        == .init(label: "ours", path: "a/b.safetensors"))
    #expect(ComparedMethod.Weights("a/b.safetensors", fileExists: none) == .init(path: "a/b.safetensors"))
    #expect(ComparedMethod.Weights("rate=2/b", fileExists: { $0 == "rate=2/b" }) == .init(path: "rate=2/b"))
    #expect(ComparedMethod.Weights("ours=shipped", fileExists: none) == .init(label: "ours", path: nil))
    #expect(ComparedMethod.Weights("shipped", fileExists: { $0 == "shipped" }) == .init(path: "shipped"))
    #expect(ComparedMethod.Weights("a=b=c", fileExists: none) == .init(label: "a", path: "b=c"))
  }

  /// Rows of one name must not be averaged together.
  @Test func `same names are told apart`() throws {
    let other = fixtures.folder.file("HR/start.safetensors").path
    try Data(contentsOf: URL(filePath: fixtures.checkpoint)).write(to: URL(filePath: other))
    let one = try all([.init(path: fixtures.checkpoint), .init(path: other)])
    #expect(one.map(\.label) == ["metakernelgan (paper), start.safetensors"])
    try fixtures.writeWeights(other, key: 2)
    let two = try all([.init(path: fixtures.checkpoint), .init(path: other)])
    #expect(
      two.map(\.label)
        == two.map {
          "metakernelgan (paper), start.safetensors (metakernelgan \($0.checkpoint?.prefix(8) ?? ""))"
        })
    #expect(Set(two.map(\.label)).count == 2)
  }

  @Test func `steps are the method's own by default`() throws {
    let weights = [ComparedMethod.Weights(path: fixtures.checkpoint)]
    #expect(try all(weights)[0].steps == [200])
    #expect(
      try all(weights, steps: [.last, .number(50), .number(200), .number(0)])[0].steps == [0, 50, 200])
  }

  @Test func `unusable weights are told by the method`() {
    #expect(throws: (any Error).self) { try all([.init(path: "/nowhere.safetensors")]) }
  }

  /// Folders of measurements outlive changes of the source; a key of another form would have all of them made again.
  @Test func `a kernel's key is the hash of the same names`() throws {
    let key = KernelKey(
      version: "1", picture: .init(path: "p", sha256: "2"), scale: 2,
      method: try all([.init(path: fixtures.checkpoint)])[0], seed: 0, steps: 200)
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(key))
    let names = try #require(object as? [String: Any]).keys.sorted()
    #expect(
      names == ["checkpoint", "method", "picture", "scale", "seed", "settings", "steps", "version"])
  }

  /// All that a measurement depends on is in its key: nothing may be taken for something else.
  @Test func `keys change with every setting`() throws {
    let file = Bench.File(path: "p", sha256: "1")
    let base = try all([.init(path: fixtures.checkpoint)])[0]
    func key(
      version: String = "1", file: Bench.File = file, scale: Int = 2, of method: ComparedMethod? = nil,
      seed: UInt64 = 0, steps: Int = 200
    ) -> String {
      KernelKey(
        version: version, picture: file, scale: scale, method: method ?? base, seed: seed, steps: steps
      ).hash
    }
    func with(
      name: String = "m", checkpoint: String? = "c", _ change: (inout MethodOptions) -> Void = { _ in }
    ) -> ComparedMethod {
      var options = base.options
      change(&options)
      return ComparedMethod(label: "x", name: name, options: options, checkpoint: checkpoint, steps: [])
    }
    let keys = [
      key(), key(version: "2"), key(file: .init(path: "p", sha256: "2")), key(scale: 4), key(seed: 1),
      key(steps: 100), key(of: with()), key(of: with(name: "other")), key(of: with(checkpoint: nil)),
      key(of: with { $0.mode = .best }), key(of: with { $0.generatorRate = 0.1 }),
      key(of: with { $0.patches = 2 }),
      key(of: with { $0.border = .picture }),
    ]
    #expect(Set(keys).count == keys.count)
    // Where the weights lie, how many steps are made in all, and what rows are called change nothing.
    let moved = with(name: base.name, checkpoint: base.checkpoint) {
      ($0.checkpoint, $0.steps) = ("elsewhere", 400)
    }
    #expect(key(of: moved) == key())
    #expect(key(file: .init(path: "elsewhere", sha256: "1")) == key())
  }
}
