import CLoops
internal import CXSMM
import Foundation

/// The vector instructions this process computes with: the widest the processor has, or AVX2 where
/// `METAKERNELGAN_ISA=avx2` asks for it. Results are the same bytes on every one of them.
public struct VectorUnit: Sendable {
  public enum InstructionSet: String, Sendable, CaseIterable { case avx2, avx512 }

  /// The variable that overrides the choice: `avx2`, `avx512`, or `none` to see what an old processor gets.
  public static let override = "METAKERNELGAN_ISA"

  public let instructionSet: InstructionSet
  /// The element-wise loops compiled for it; a static table, so the pointer never dangles.
  package let loops: cloops_table

  /// What this process uses, decided once.
  /// - Throws: `NumericsError.noVectorUnit` on a processor without AVX2 and FMA, or where the override asks for
  ///   more than the processor has.
  public static func current() throws(NumericsError) -> VectorUnit { try shared.get() }

  private static let shared: Result<VectorUnit, NumericsError> = {
    let level = Int(cloops_processor_level())
    let wish = ProcessInfo.processInfo.environment[override]
    return choose(level: level, wish: wish).map { set in
      adoptForGEMM(set)
      return VectorUnit(set)
    }
  }()

  private init(_ set: InstructionSet) {
    instructionSet = set
    loops = set == .avx2 ? cloops_avx2 : cloops_avx512
  }

  /// Every one that this processor has, whatever the override says; tests compare them.
  package static var available: [VectorUnit] {
    Array(InstructionSet.allCases.prefix(Int(cloops_processor_level())).map(VectorUnit.init))
  }

  /// The decision itself: `level` as `cloops_processor_level` reports it, `wish` as the override says.
  package static func choose(level: Int, wish: String?) -> Result<InstructionSet, NumericsError> {
    switch (wish, level) {
    case ("none", _), (nil, 0), ("avx2", 0), ("avx512", 0): .failure(.noVectorUnit(needed: "AVX2 and FMA"))
    case ("avx512", 1): .failure(.noVectorUnit(needed: "AVX-512 (asked for by \(override))"))
    case ("avx2", _), (nil, 1): .success(.avx2)
    case ("avx512", _), (nil, _): .success(.avx512)
    case (let other?, _): .failure(.unknownInstructionSet(other))
    }
  }

  /// libxsmm generates code for the same instructions. It leaves a lock file in the temporary directory for as
  /// long as the process lives (for good after a kill); only its own profiling tools look at it.
  private static func adoptForGEMM(_ set: InstructionSet) {
    libxsmm_init()
    libxsmm_set_target_arch(set == .avx2 ? "hsw" : "skx")
    unlink("/tmp/.libxsmm.\(getuid())")
  }
}
