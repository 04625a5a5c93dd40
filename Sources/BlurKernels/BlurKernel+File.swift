import Foundation
import Platform

extension BlurKernel {
  /// Reads a kernel from a file, chosen by the name's ending:
  /// `.npy`, a square array of any real type and byte order; `.mat`, MATLAB version 5, compressed or not, with a
  /// square real variable `Kernel` of any numeric class; or `.png`, a grey picture with one pixel a value, divided by
  /// its sum. Arrays of more dimensions are read where those have a length of 1. Values are kept as they are in the file;
  /// see `sumNormalised`.
  ///
  /// - Throws: `DegradationError.unreadable` if the file is missing, damaged or of another kind, and if the
  ///   values are not finite or their sum is negative, zero or near zero.
  public static func read(_ path: String) throws(DegradationError) -> BlurKernel {
    let kernel = try parsed(path)
    guard kernel.values.allSatisfy(\.isFinite) else {
      throw .unreadable(path: path, reason: "it holds values that are not finite")
    }
    guard kernel.sum > Self.leastShareOfSum * kernel.values.reduce(0, { $0 + abs($1) }) else {
      throw .unreadable(path: path, reason: "its values sum to \(kernel.sum), but a blur's sum is near 1")
    }
    return kernel
  }

  /// A sum less than this, in shares of what the values' magnitudes sum to, is that of an edge detector and not of a blur.
  private static let leastShareOfSum = 0.1

  /// The kernel divided by its sum, and one sentence about that, where the sum is further from 1 than tools' rounding; the
  /// kernel itself, without a sentence, otherwise. Tools write kernels as values of 0 to 255, or with a largest value of 1.
  /// - Precondition: the sum is positive.
  public func sumNormalised() -> (kernel: BlurKernel, note: String?) {
    let sum = sum
    guard abs(sum - 1) > Self.roundingOfSum else { return (self, nil) }
    let text = String(format: "%.4g", sum)
    return (normalised(), "the kernel's values sum to \(text), so they were divided by that")
  }

  private static let roundingOfSum = 1e-3

  /// Writes the kernel whole or not at all, replacing a file of that name: `.npy` as float32, `.mat` as MATLAB
  /// version 5 with the float64 variable `Kernel`. Equal kernels give equal bytes.
  /// - Throws: `DegradationError.unwritable`.
  public func write(to path: String) throws(DegradationError) {
    let data =
      switch Self.ending(path) {
      case "npy": npyData()
      case "mat": matData()
      default: throw .unwritable(path: path, reason: "kernels are written as .npy or .mat files")
      }
    do { try writeAtomically(Array(data), to: path, synced: false) } catch {
      throw .unwritable(path: path, reason: systemCause(error))
    }
  }

  private static func parsed(_ path: String) throws(DegradationError) -> BlurKernel {
    do throws(Malformed) {
      switch ending(path) {
      case "npy": return try NumPyFile.parse(firstBytes(of: path, limit: NumPyFile.largestFile))
      case "mat": return try MATFile.parse(firstBytes(of: path, limit: MATFile.largestFile))
      case "png": return try PNGKernel.read(path)
      default: throw Malformed(reason: "kernels are read from .npy, .mat or .png files")
      }
    } catch { throw .unreadable(path: path, reason: error.reason) }
  }

  private static func ending(_ path: String) -> String { FileName.ending(path) }

  /// Far above any kernel, and far below what a damaged header can claim.
  static var largestSideInFiles: Int { 1023 }
}

/// What is wrong with a file; the error names the file as well.
struct Malformed: Error {
  let reason: String
}

/// The first `limit` bytes of a file, or all of it if it is shorter. The limit keeps a wrong path, such as a
/// device or a film, from filling the memory.
private func firstBytes(of path: String, limit: Int) throws(Malformed) -> [UInt8] {
  guard let file = FileName.withPath(path, { fopen($0, "rb") }) else {
    throw Malformed(reason: systemText(errno))
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 14)
  while bytes.count < limit {
    let count = fread(&block, 1, min(block.count, limit - bytes.count), file)
    if count == 0 { break }
    bytes.append(contentsOf: block.prefix(count))
  }
  guard ferror(file) == 0 else { throw Malformed(reason: systemText(errno)) }
  return bytes
}
