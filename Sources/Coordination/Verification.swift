import Messages

/// Which tasks are computed twice: a choice by hash, so it does not depend on who asks or when.
enum Verification {
  static func picks(_ task: TaskID, seed: UInt64, share: Double) -> Bool {
    guard task.round.kind == .training, share > 0 else { return false }
    let hash = mixed(mixed(mixed(seed) ^ UInt64(task.round.step)) ^ UInt64(task.index))
    return Double(hash >> 11) * 0x1p-53 < share
  }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
  private static func mixed(_ x: UInt64) -> UInt64 {
    var x = x &+ 0x9E37_79B9_7F4A_7C15
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
  }
}
