import Foundation

/// How many files this process may have open: each connection takes one or some, and the usual limit is 1,024.
package enum FileLimit {
  /// As many as the system lets it.
  package static func raise() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many more can be opened; 0 where that cannot be told.
  package static var left: Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard let open = try? Folder.names(in: "/proc/self/fd") else { return 0 }
    // One of them was the folder itself.
    return Int(clamping: limit.rlim_cur) - open.count + 1
  }

  /// How many connections a listening socket may hold: a share of the files that can still be opened, so that all listeners
  /// together leave some. Where none is left, libdispatch ends the process (its monitor of threads must open files), and
  /// libzmq's thread spins on accept.
  ///
  /// - Parameter share: 2 for half of what is left.
  package static func connections(atMost most: Int, share: Int) -> Int { min(most, max(left / share, 8)) }
}

/// Checks before work begins that the system will give what is needed: libraries such as libzmq end the process where a
/// descriptor or a thread is refused in the middle.
package enum Resources {
  /// Raises the limit of open files, and sees whether so many more files and threads can be had.
  ///
  /// - Throws: `ResourceError`.
  package static func require(files: Int, threads: Int) throws(ResourceError) {
    FileLimit.raise()
    let left = FileLimit.left
    if left < files { throw .files(needed: files, left: left) }
    let gate = Monitor(false)
    var started: [NamedThread] = []
    defer {
      gate.update { $0 = true }
      for thread in started { thread.join() }
    }
    for number in 0..<threads {
      do { started.append(try NamedThread("probe") { _ = gate.wait { $0 ? true : nil } }) } catch {
        throw .threads(needed: threads, left: number, cause: systemText(error.code))
      }
    }
  }
}

/// The system gives this process too little to work with.
package enum ResourceError: Error, Equatable, Sendable, CustomStringConvertible {
  case files(needed: Int, left: Int)
  case threads(needed: Int, left: Int, cause: String)

  package var description: String {
    switch self {
    case .files(let needed, let left):
      "cannot start: \(needed) more files must be opened and only \(max(left, 0)) may be; raise the limit (ulimit -n)"
    case .threads(let needed, let left, let cause):
      "cannot start: \(needed) threads are needed and the system gives \(left): \(cause); raise the limit (ulimit -u, "
        + "or the container's pids limit)"
    }
  }
}
