import Numerics

/// The methods by the numbers that keep their random draws apart. Numbers are part of every result: append only.
enum MethodDraws: UInt64 {
  case metaKernelGAN = 0
  case kernelGAN, doubleDIP, dipSoftmax, bsrdm, dkp
  case dipFKP = 7
  case kernelGANFKP

  /// The key of all draws of one estimate.
  func key(seed: UInt64) -> UInt64 { Philox.key(seed, .estimation, rawValue) }
}
