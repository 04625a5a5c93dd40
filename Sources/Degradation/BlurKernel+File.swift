import Foundation

extension BlurKernel {
  /// Reads a kernel from a file, chosen by the name's ending:
  /// `.npy`, a square array of float32 or float64; or `.mat`, MATLAB version 5, compressed or not, with a
  /// square real variable `Kernel` of any numeric class.
  ///
  /// - Throws: `DegradationError.unreadable` if the file is missing, damaged or of another kind, and if the
  ///   values are not finite or do not have a positive sum.
  public static func read(_ path: String) throws(DegradationError) -> BlurKernel {
    let kernel: BlurKernel
    switch URL(filePath: path).pathExtension.lowercased() {
    case "npy": kernel = try NumPyFile.read(path)
    case "mat": kernel = try MATFile.read(path)
    default: throw .unreadable(path: path, reason: "kernels are read from .npy or .mat files")
    }
    guard kernel.values.allSatisfy(\.isFinite) else {
      throw .unreadable(path: path, reason: "it holds values that are not finite")
    }
    guard kernel.sum > 0 else {
      throw .unreadable(path: path, reason: "its values sum to \(kernel.sum), but a blur's sum is near 1")
    }
    return kernel
  }

  /// Writes the kernel whole or not at all, replacing a file of that name: `.npy` as float32, `.mat` as MATLAB
  /// version 5 with the float64 variable `Kernel`. Equal kernels give equal bytes.
  /// - Throws: `DegradationError.unwritable`.
  public func write(to path: String) throws(DegradationError) {
    switch URL(filePath: path).pathExtension.lowercased() {
    case "npy": try Self.writeAtomically(npyData(), to: path)
    case "mat": try MATFile.write(self, to: path)
    default: throw .unwritable(path: path, reason: "kernels are written as .npy or .mat files")
    }
  }

  private static func writeAtomically(_ data: Data, to path: String) throws(DegradationError) {
    do { try data.write(to: URL(filePath: path), options: .atomic) } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }
}

/// The first `limit` bytes of a file, or all of it if it is shorter. The limit keeps a wrong path, such as a
/// device or a film, from filling the memory.
func firstBytes(of path: String, limit: Int) throws(DegradationError) -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw .unreadable(path: path, reason: systemError()) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: min(limit, 1 << 14))
  while bytes.count < limit {
    let count = fread(&block, 1, min(block.count, limit - bytes.count), file)
    if count == 0 { break }
    bytes.append(contentsOf: block.prefix(count))
  }
  guard ferror(file) == 0 else { throw .unreadable(path: path, reason: systemError()) }
  return bytes
}

/// The text of the C library's last error.
func systemError() -> String { String(cString: strerror(errno)) }
