import Foundation
import Platform

extension TrainingDataError {
  /// Makes the error for a data file from `errno`.
  static func refusal(of file: String) -> (Int32) -> TrainingDataError {
    { .refused(file: file, cause: systemText($0)) }
  }
}
