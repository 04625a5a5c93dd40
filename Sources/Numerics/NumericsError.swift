/// What can go wrong below the networks.
public enum NumericsError: Error, Equatable, CustomStringConvertible {
  case noVectorUnit(needed: String)
  case unknownInstructionSet(String)
  case noMatrixProduct(m: Int, n: Int, k: Int)

  public var description: String {
    switch self {
    case .noVectorUnit(let needed):
      "this processor lacks \(needed), which metakernelgan computes with; run it on an x86-64 machine that has it "
        + "(any since about 2015)"
    case .unknownInstructionSet(let name):
      "\(VectorUnit.override)=\(name) names no instruction set; use avx2 or avx512, or leave it unset"
    case .noMatrixProduct(let m, let n, let k):
      "libxsmm generated no matrix product of \(m) x \(n) x \(k); is its JIT disabled by LIBXSMM_JIT?"
    }
  }
}
