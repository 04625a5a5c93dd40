extension MatrixProduct {
  /// The naive twin that every shape in use is held to: how many values of a product of random matrices differ in any bit
  /// from sequential fused multiply-adds over k.
  package static func mismatches(_ s: Shape) throws(NumericsError) -> Int {
    let product = try MatrixProduct(s)
    var random = Philox(key: UInt64(s.m * 1_000_000 + s.n * 1000 + s.k))
    func matrix(_ count: Int) -> FloatBuffer {
      let buffer = FloatBuffer(count)
      for i in 0..<count { buffer.pointer[i] = Float(random.uniform(in: -1..<1)) }
      return buffer
    }
    let a = matrix(s.lda * s.k)
    let b = matrix(s.ldb * (s.transposedB ? s.k : s.n))
    let c = matrix(s.ldc * s.n)
    let before = c.array
    product(a.pointer, b.pointer, c.pointer)
    var mismatches = 0
    for j in 0..<s.n {
      for i in 0..<s.m {
        var sum: Float = s.accumulating ? before[j * s.ldc + i] : 0
        for q in 0..<s.k {
          sum.addProduct(a.pointer[q * s.lda + i], b.pointer[s.transposedB ? q * s.ldb + j : j * s.ldb + q])
        }
        if sum.bitPattern != c.pointer[j * s.ldc + i].bitPattern { mismatches += 1 }
      }
    }
    return mismatches
  }
}
