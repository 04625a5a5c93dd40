import Foundation

/// What shows that a computing process belongs to the program that supervises it: drawn once, and handed down in the
/// environment, which only processes of the same user can read.
///
/// A coordinator believes the processes that have its own secret what they say of crashes; any other secret keeps the names
/// of a worker's processes from being taken by somebody else.
public enum WorkerSecret {
  static let variable = "METAKERNELGAN_WORKER_SECRET"

  /// The secret of the process that started this one; empty where there is none.
  public static var inherited: String { ProcessInfo.processInfo.environment[variable] ?? "" }

  /// The inherited one, or a new one for the processes that this one starts from now on. To be called before there are
  /// other threads, since it changes the environment.
  @discardableResult
  public static func prepare() -> String {
    let inherited = inherited
    if !inherited.isEmpty { return inherited }
    let secret = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    setenv(variable, secret, 1)
    return secret
  }
}
