import Foundation

extension Double {
  /// With so many digits after the point; the same in every locale.
  func text(_ digits: Int) -> String {
    isFinite ? String(format: "%.\(digits)f", self) : isNaN ? "nan" : self > 0 ? "inf" : "-inf"
  }
}

extension Int {
  /// `1 picture`, `2 pictures`.
  func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension Double? {
  func text(_ digits: Int) -> String { map { $0.text(digits) } ?? "-" }
}
