import Foundation
import Platform

/// Who may come in: public keys with names and roles, from a file of lines `NAME ROLE KEY`, as `node7 worker,reader KEY`.
/// Lines that are empty or begin with # are passed over.
public struct GuestList: Sendable, Equatable {
  public struct Guest: Sendable, Equatable {
    public let name: String
    public let roles: Set<Role>

    public init(name: String, roles: Set<Role>) { (self.name, self.roles) = (name, roles) }
  }

  public private(set) var guests: [PublicKey: Guest] = [:]

  public init(_ guests: [PublicKey: Guest] = [:]) { self.guests = guests }

  /// - Throws: `KeyError`.
  public init(file: String) throws(KeyError) {
    let bytes: [UInt8]
    do { bytes = try readFile(file) } catch { throw .unreadable(file: file, cause: systemCause(error)) }
    try self.init(text: String(decoding: bytes, as: UTF8.self), file: file)
  }

  /// - Parameter file: for the error.
  public init(text: String, file: String) throws(KeyError) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in zip(1..., lines) {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
      if words.isEmpty || words[0].hasPrefix("#") { continue }
      guard words.count == 3 else {
        throw .badLine(file: file, line: number, cause: "it has \(words.count) words instead of 3")
      }
      let (key, guest) = try Self.guest(words, file: file, line: number)
      guard guests.updateValue(guest, forKey: key) == nil else {
        throw .badLine(file: file, line: number, cause: "its key stands on another line, too")
      }
    }
  }

  private static func guest(
    _ words: [String], file: String, line number: Int
  ) throws(KeyError) -> (PublicKey, Guest) {
    guard (1...64).contains(words[0].utf8.count), words[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      !words[0].contains("/")
    else {
      throw .badLine(
        file: file, line: number,
        cause: "\(quoted(words[0])) is not a name of 1 to 64 ASCII characters without a /")
    }
    var roles: Set<Role> = []
    for word in words[1].split(separator: ",", omittingEmptySubsequences: false) {
      guard let role = Role(rawValue: String(word)) else {
        throw .badLine(file: file, line: number, cause: "\(quoted(String(word))) is no role")
      }
      roles.insert(role)
    }
    guard let key = try? PublicKey(words[2]) else {
      throw .badLine(file: file, line: number, cause: "its key is not 40 characters of Z85")
    }
    return (key, Guest(name: words[0], roles: roles))
  }

  /// The name under which a key is let in; nil where it is not.
  func name(of key: PublicKey, as role: Role) -> String? {
    guards(key, role) ? guests[key]?.name : nil
  }

  private func guards(_ key: PublicKey, _ role: Role) -> Bool { guests[key]?.roles.contains(role) ?? false }
}
