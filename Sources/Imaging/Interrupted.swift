/// Stands for the error of a caller's check in code that is generic over samples. Such code is compiled for either depth
/// of samples; generic over the errors of other modules as well, it could not be, and would be slow.
package struct Interrupted: Error {
  private init() {}

  /// Runs work whose check throws `Interrupted` where the caller's check throws.
  /// - Throws: what the caller's check threw.
  package static func replacing<Stop: Error, Result>(
    _ check: () throws(Stop) -> Void,
    _ work: (_ check: () throws(Interrupted) -> Void) throws(Interrupted) -> Result
  ) throws(Stop) -> Result {
    var stop: Stop?
    do throws(Interrupted) {
      return try withoutActuallyEscaping(check) { (check) throws(Interrupted) in
        try work { () throws(Interrupted) in
          do throws(Stop) { try check() } catch {
            stop = error
            throw Interrupted()
          }
        }
      }
    } catch {
      guard let stop else { preconditionFailure("only a check interrupts") }
      throw stop
    }
  }
}
