internal import CCrypto

/// Whether two secrets are equal, in a time that depends on their lengths alone (libcrypto's CRYPTO_memcmp).
package func equalInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
  one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}
