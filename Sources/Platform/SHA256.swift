internal import CCrypto
import Foundation

/// SHA-256 (FIPS 180-4) by libcrypto, which uses the processor's SHA instructions where it has them.
public final class SHA256 {
  private let context: OpaquePointer

  /// - Throws: `FileError.hashing`, as do all the others; only a broken OpenSSL does it.
  public init() throws {
    guard let context = EVP_MD_CTX_new() else { throw FileError.hashing(call: "EVP_MD_CTX_new") }
    self.context = context
    try begin()
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Appends to what is hashed.
  public func update(_ bytes: some ContiguousBytes) throws {
    try bytes.withUnsafeBytes { buffer in
      try Self.check("EVP_DigestUpdate", EVP_DigestUpdate(context, buffer.baseAddress, buffer.count))
    }
  }

  /// The hash of everything since `init` or the last `finish`, as 64 lower-case hexadecimal digits.
  public func finish() throws -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    try Self.check("EVP_DigestFinal_ex", EVP_DigestFinal_ex(context, &digest, nil))
    try begin()
    return digest.map { String(format: "%02x", $0) }.joined()
  }

  private func begin() throws {
    try Self.check("EVP_DigestInit_ex", EVP_DigestInit_ex(context, EVP_sha256(), nil))
  }

  private static func check(_ call: String, _ code: Int32) throws {
    if code != 1 { throw FileError.hashing(call: call) }
  }
}

extension SHA256 {
  /// The hash of `bytes`, as 64 lower-case hexadecimal digits.
  public static func hex(of bytes: some ContiguousBytes) throws -> String {
    let hash = try SHA256()
    try hash.update(bytes)
    return try hash.finish()
  }

  /// The hash of a file's content, as `sha256sum` prints it.
  ///
  /// - Throws: also `FileError.missing` and `.refused`.
  public static func hex(ofFile path: String) throws -> String { try hex(of: readFile(path)) }
}
