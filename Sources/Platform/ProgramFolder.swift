import Foundation

/// What the build puts beside the program, and beside programs that use its libraries.
package enum ProgramFolder {
  /// The folder of a target's resources; there is none where the program was moved away from it.
  package static func resources(of target: String) -> URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_\(target).resources")
  }
}
