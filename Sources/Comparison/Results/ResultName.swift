/// Which picture of a benchmark a file is a result of, by its name.
package struct ResultName {
  /// The names of the benchmark's pictures.
  package let pictures: Set<String>
  private let endings: [String]
  private static let beginnings = ["zssr_"]

  /// - Parameters:
  ///   - method: what the results are called; files often bear it.
  package init(pictures: Set<String>, scale: Int, method: String) {
    self.pictures = pictures
    let words = ["kernel", "ker", "k", "sr", "x\(scale)", method.lowercased()]
    endings = ["x\(scale)"] + words.flatMap { ["_" + $0, "-" + $0] }
  }

  /// The picture's name, or that name with parts that tools add, in any number and order and in upper or lower case: at the
  /// end `xS`, `_xS`, `_kernel`, `_ker`, `_k`, `_SR`, the method's name (all with - for _ as well); at the beginning
  /// `ZSSR_`. A file that bears exactly a picture's name is that picture's. S is the benchmark's scale.
  package func picture(of stem: String) -> String? {
    var candidates = [stem]
    var seen: Set<String> = []
    while let name = candidates.popLast() {
      if pictures.contains(name) { return name }
      guard seen.insert(name).inserted else { continue }
      let lower = name.lowercased()
      // Lower case keeps the count of ASCII names; another name is not cut.
      guard lower.count == name.count else { continue }
      for ending in endings where lower.hasSuffix(ending) {
        candidates.append(String(name.dropLast(ending.count)))
      }
      for beginning in Self.beginnings where lower.hasPrefix(beginning) {
        candidates.append(String(name.dropFirst(beginning.count)))
      }
    }
    return nil
  }
}
