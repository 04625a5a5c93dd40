// Takes the lease of the run in the folder named first, says its incarnation, and writes checkpoints as fast as it can
// until it is killed. A checkpoint is its step's decimal digits, many times over, and their SHA-256.

import Checkpoints
import Foundation
import Platform
import RunDirectory

do {
  let lease = try RunLease(RunFolder(CommandLine.arguments[1]))
  FileHandle.standardOutput.write(Data("\(lease.incarnation)\n".utf8))
  try lease.publish(endpoint: "tcp://127.0.0.1:\(5000 + lease.incarnation)")
  var store = CheckpointStore(lease, retention: Retention(last: 2, every: 10))
  var step = try store.list().last?.step ?? 0
  while true {
    step += 1
    let content = Array(String(repeating: "\(step) ", count: 30_000).utf8)
    try store.write(content + Array(SHA256.hex(of: content).utf8), step: step, sidecar: ["step": step])
  }
} catch {
  print(error)
  exit(1)
}
