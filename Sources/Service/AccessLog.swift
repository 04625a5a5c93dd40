import Foundation
import Platform

/// One line a request, written by a thread of its own, so that a slow disk keeps no request waiting. The file is opened
/// anew for each batch of lines: it may be moved away at any time. Lines beyond a bound are dropped and counted.
final class AccessLog: Sendable {
  private struct State {
    var lines: [String] = []
    var dropped = 0
    var isClosed = false
    var hasFailed = false
  }

  private let path: String
  private let log: @Sendable (String) -> Void
  private let state = Monitor(State())
  private let isDone = Monitor(false)

  private static let mostLines = 10_000

  /// - Throws: `ThreadError`.
  init(_ path: String, log: @escaping @Sendable (String) -> Void) throws(ThreadError) {
    (self.path, self.log) = (path, log)
    try NamedThread("access log") { [self] in
      while let batch = next() { write(batch) }
      isDone.update { $0 = true }
    }.detach()
  }

  func add(_ line: String) {
    state.update { state in
      if state.lines.count < Self.mostLines { state.lines.append(line) } else { state.dropped += 1 }
    }
  }

  /// Writes what is left.
  func close() {
    state.update { $0.isClosed = true }
    _ = isDone.wait(until: .after(5)) { $0 ? true : nil }
  }

  /// Nil at the end.
  private func next() -> [String]? {
    let batch = state.wait { state -> [String]? in
      guard !state.lines.isEmpty else { return state.isClosed ? [] : nil }
      defer { (state.lines, state.dropped) = ([], 0) }
      return state.lines
        + (state.dropped > 0 ? ["\(state.dropped) lines were dropped: the disk is too slow"] : [])
    }
    return batch.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func write(_ lines: [String]) {
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    let code = FileName.withPath(path) { name -> Int32 in
      let file = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      guard file >= 0 else { return errno }
      defer { Foundation.close(file) }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
        if count < 0, errno != EINTR { return errno }
        rest.removeFirst(max(count, 0))
      }
      return 0
    }
    let isNews = state.update { state in
      defer { state.hasFailed = code != 0 }
      return code != 0 && !state.hasFailed
    }
    if isNews {
      log("cannot write the access log \(quoted(path)): \(systemText(code)); requests go on without it")
    }
  }
}
