import Checkpoints
import Foundation
import Platform

/// Checkpoints on disk by the SHA-256 of their files, for any number of processes at once. A file appears under its name
/// only whole and verified, and is verified again whenever it is taken out.
public struct CheckpointCache: Sendable {
  public let folder: String
  /// Of all files together, in bytes; those used longest ago go first, the one stored last never.
  public let limit: Int

  /// `$XDG_CACHE_HOME/metakernelgan` or `~/.cache/metakernelgan` (XDG Base Directory Specification).
  public static var standardFolder: String {
    let environment = ProcessInfo.processInfo.environment
    // The specification has relative paths ignored.
    let base = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    // Not what the user database says where $HOME says otherwise, as in containers and build farms.
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
    return (base ?? home + "/.cache") + "/metakernelgan"
  }

  /// - Throws: `ExchangeError.cache` where the folder cannot be made.
  public init(folder: String = standardFolder, limit: Int = 1 << 30) throws(ExchangeError) {
    (self.folder, self.limit) = (folder, limit)
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
      throw .cache(.create, file: folder, cause: error.localizedDescription)
    }
  }

  /// Where the checkpoint lies, verified this moment and noted as used; nil where it is not there. One that has gone
  /// bad is removed.
  public func verifiedPath(of sha256: String) -> String? {
    let path = path(sha256)
    guard let actual = try? SHA256.hex(ofFile: path) else { return nil }
    guard actual == sha256 else {
      unlink(path)
      return nil
    }
    utimes(path, nil)
    return path
  }

  func path(_ sha256: String) -> String { "\(folder)/\(sha256).safetensors" }

  /// Stores what `fetch` gets. Of several processes that want the same file one fetches, and the others wait for it;
  /// where it dies, one of them goes on from what it had.
  ///
  /// - Parameter fetch: gives the file from an offset on, in order.
  /// - Returns: the path, verified.
  /// - Throws: `ExchangeError.cache`, `.corrupted` where the bytes were not those of the hash, and what `fetch` throws;
  ///   after that one what came is kept to go on from.
  func store(
    _ sha256: String, size: Int, from endpoint: String,
    fetch: (_ offset: Int, _ take: (Data) throws(ExchangeError) -> Void) throws(ExchangeError) -> Void
  ) throws(ExchangeError) -> String {
    while true {
      let partial = try PartialFile(folder, sha256, size: size)
      // The one that was waited for may have stored it.
      if let path = verifiedPath(of: sha256) { return path }
      guard partial.isNamed else { continue }
      try fetch(partial.count) { (bytes) throws(ExchangeError) in try partial.append(bytes) }
      let actual = try partial.hash()
      guard actual == sha256 else {
        partial.remove()
        throw .corrupted(sha256: sha256, actual: actual, endpoint: endpoint)
      }
      try partial.finish(path(sha256))
      evict(keeping: sha256)
      return path(sha256)
    }
  }
}

extension CheckpointCache {
  /// Removes the files used longest ago until the rest is within the limit. What is being fetched stays.
  func evict(keeping sha256: String) {
    var files = entries()
    var total = files.reduce(0) { $0 + $1.size }
    files.sort { $0.used < $1.used }
    for file in files where total > limit && !file.name.hasPrefix(sha256) {
      if file.name.hasSuffix(PartialFile.suffix), PartialFile.isInUse(folder + "/" + file.name) { continue }
      if unlink(folder + "/" + file.name) == 0 { total -= file.size }
    }
  }

  private func entries() -> [(name: String, size: Int, used: Double)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      var status = stat()
      guard name.hasSuffix(".safetensors") || name.hasSuffix(PartialFile.suffix),
        lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG
      else { return nil }
      let used = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
      return (name, Int(status.st_size), used)
    }
  }
}
