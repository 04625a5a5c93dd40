import Foundation
import RunDirectory

/// The files of a run's folder, which another program, or a disk that fails, may have written.
let folderTargets = [
  FuzzTarget(name: "run-folder") {
    runFiles.map { Array($0.utf8) }
  } run: { bytes in
    for file in ["status.json", "address", "checkpoints/step-000000000.evaluation.json", "config.yaml"] {
      ScratchFile(file, in: run.path).put(bytes)
    }
    _ = try? run.status()
    _ = try? run.publishedAddress()
    _ = try? run.loadConfiguration()
    if let evaluation = try? run.evaluation(ofStep: 0) { _ = CheckpointEvaluation.best([0: evaluation]) }
  }
]

private let run: RunFolder = {
  let run = RunFolder(ScratchFile.folder)
  try? run.create()
  return run
}()

private var runFiles: [String] {
  let status = RunStatus(name: "mine", algorithm: "meta", step: 3, steps: 10)
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  let written = (try? encoder.encode(status)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  return [
    written, "{\"endpoint\":\"tcp://10.0.0.7:5555\",\"incarnation\":3}",
    "{\"kernel_psnr_after\":\"nan\",\"kernel_psnr_before\":1.5,\"sha256\":\"00\",\"tasks\":4}", "steps: 4\n",
  ]
}
