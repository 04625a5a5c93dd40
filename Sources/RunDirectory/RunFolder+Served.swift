import Foundation
import Platform

extension RunFolder {
  /// The name by which the run is served: 1 to 100 visible ASCII characters without "/" and "%". Any other byte of the
  /// folder's name becomes "%" and two hexadecimal digits, as in addresses; a name that would be longer is cut and ends
  /// in a part of its SHA-256.
  public var servedName: String {
    let bytes = FileName.encode(name)
    let encoded = bytes.map { byte -> String in
      let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "%")
      return isPlain ? String(UnicodeScalar(byte)) : "%" + hexadecimal(byte)
    }
    let whole = encoded.joined()
    if whole.isEmpty { return "%" }
    guard whole.utf8.count > Self.longestServedName else { return whole }
    let hash = (try? SHA256.hex(of: bytes)) ?? ""
    var cut = ""
    for piece in encoded where cut.utf8.count + piece.utf8.count <= Self.longestServedName - 17 {
      cut += piece
    }
    return cut + "-" + hash.prefix(16)
  }

  private static let longestServedName = 100
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count < 2 ? "0" + digits : digits
}
