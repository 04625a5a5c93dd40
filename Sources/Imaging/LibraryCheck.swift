/// A check whether work is still wanted, made within a C library's callback. Swift errors cannot pass through C, so what the
/// check throws is kept until the library has returned.
final class LibraryCheck {
  private let check: () throws(PictureError) -> Void
  private var error: PictureError?

  private init(_ check: @escaping () throws(PictureError) -> Void) { self.check = check }

  /// Runs a library's call.
  /// - Parameter call: hands its argument through the library to a callback, which calls `hasThrown` with it and has the
  ///   library stop where that is true.
  /// - Throws: what the check threw.
  static func passing<Result>(
    _ check: () throws(PictureError) -> Void, _ call: (UnsafeMutableRawPointer) -> Result
  ) throws(PictureError) -> Result {
    try withoutActuallyEscaping(check) { (check) throws(PictureError) in
      let kept = LibraryCheck(check)
      let result = withExtendedLifetime(kept) { call(Unmanaged.passUnretained(kept).toOpaque()) }
      if let error = kept.error { throw error }
      return result
    }
  }

  /// Makes the check, unless it has thrown already. For use within a callback.
  static func hasThrown(_ context: UnsafeMutableRawPointer?) -> Bool {
    guard let context else { return false }
    let kept = Unmanaged<LibraryCheck>.fromOpaque(context).takeUnretainedValue()
    if kept.error == nil {
      do { try kept.check() } catch { kept.error = error }
    }
    return kept.error != nil
  }
}
