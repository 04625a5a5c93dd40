import Numerics
import Testing

@Suite("Choice of instruction set")
struct VectorUnitTests {
  @Test func `chooses the widest`() {
    #expect(VectorUnit.choose(level: 2, wish: nil) == .success(.avx512))
    #expect(VectorUnit.choose(level: 1, wish: nil) == .success(.avx2))
    #expect(VectorUnit.choose(level: 2, wish: "avx2") == .success(.avx2))
  }

  /// An old processor gets a sentence, never an illegal instruction; so does a wish it cannot grant.
  @Test func `refuses what is not there`() {
    for wish in [nil, "avx2", "avx512", "none"] {
      guard case .failure(let error) = VectorUnit.choose(level: 0, wish: wish) else {
        Issue.record("level 0 was accepted")
        continue
      }
      #expect(error == .noVectorUnit(needed: "AVX2 and FMA"))
      #expect(
        error.description.hasPrefix("this processor lacks AVX2 and FMA, which metakernelgan computes with"))
    }
    #expect(
      VectorUnit.choose(level: 1, wish: "avx512")
        == .failure(.noVectorUnit(needed: "AVX-512 (asked for by METAKERNELGAN_ISA)")))
    #expect(VectorUnit.choose(level: 2, wish: "sse") == .failure(.unknownInstructionSet("sse")))
  }
}
