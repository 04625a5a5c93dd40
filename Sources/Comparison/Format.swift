import Foundation

extension Double {
  /// With so many digits after the point; the same in every locale.
  func text(_ digits: Int) -> String {
    isFinite ? String(format: "%.\(digits)f", self) : isNaN ? "nan" : self > 0 ? "inf" : "-inf"
  }
}

extension Double {
  /// The same with its sign, also where that is +.
  func signedText(_ digits: Int) -> String { (self >= 0 ? "+" : "") + text(digits) }
}

extension Int {
  /// `1 picture`, `2 pictures`.
  func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension Double? {
  func text(_ digits: Int) -> String { map { $0.text(digits) } ?? "-" }
}
