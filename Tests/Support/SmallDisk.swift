import Foundation

/// A file system of its own that a test can fill up. Unmounted with the object.
public final class SmallDisk {
  private let place: TemporaryFolder
  public var path: String { place.url.path }

  /// Tried once, for real: being root is not enough in every container.
  public static let isPossible = (try? SmallDisk(size: "256k")) != nil
  public static let impossible = "needs the right to mount a tmpfs"

  /// - Parameter size: as `mount` takes it, such as 256k.
  public init(size: String) throws {
    place = try TemporaryFolder()
    guard mount("tmpfs", place.url.path, "tmpfs", 0, "size=\(size)") == 0 else { throw POSIXError(.EPERM) }
  }

  /// Lazily if need be, so that no mount can stay behind.
  deinit { umount2(place.url.path, Int32(MNT_DETACH)) }

  /// Fills what is left with a file of this name. By a process that ends: one of ours that is just being spawned could
  /// hold a file of ours open, and so its space, after it was removed.
  public func fill(_ name: String) throws {
    let filler = try Process.run(
      URL(filePath: "/bin/sh"), arguments: ["-c", "exec yes 2>/dev/null >\"$0\"", path + "/" + name])
    filler.waitUntilExit()
    guard filler.terminationStatus != 0 else { throw POSIXError(.EIO) }
  }
}
