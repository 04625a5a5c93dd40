import Checkpoints

/// Weights from anywhere. What is read must be written again as a file of the same content.
let checkpointTargets = [
  FuzzTarget(name: "safetensors") {
    try safeTensors.map { try $0.encoded() }
  } run: { bytes in
    let file = try SafeTensors(bytes: Array(bytes), file: "input")
    for name in file.tensors.keys {
      _ = try? file.floats(name)
      _ = try? file.doubles(name)
      _ = try? file.integers(name)
    }
    let written = try file.encoded()
    guard let again = try? SafeTensors(bytes: written, file: "again") else {
      return expect(false, "a file that was read can be written and read again")
    }
    expect((try? again.encoded()) == written, "a file that is written again stays the same")
  }
]

private var safeTensors: [SafeTensors] {
  [
    SafeTensors(),
    SafeTensors(
      tensors: [
        "a": .init([1, -2.5, .nan] as [Float], shape: [3]), "b": .init([0.5] as [Double], shape: []),
        "c": .init([1, 2] as [Int], shape: [2, 1]), "h": .init([1, 65504], shape: [1, 2], halved: true),
      ], metadata: ["format": "metakernelgan", "note": "\"quoted\" \u{1F600}"]),
  ]
}
