internal import CXSMM
import Synchronization

/// C = A B or C += A B on small single-precision matrices, as libxsmm generates it for one shape.
///
/// Column-major as BLAS: A (m, k), B (k, n), C (m, n), so that a row-major array (rows, m) is a matrix of `rows`
/// columns. Every product used here equals sequential fused multiply-adds over k, bit for bit, on AVX2 and on
/// AVX-512 alike (NumericsTests holds each shape to it): libxsmm does not promise that for m <= 16 with small n,
/// nor for m mod 64 in 1...16 above 64.
package struct MatrixProduct {
  package struct Shape: Hashable, Sendable {
    package var m: Int, n: Int, k: Int, lda: Int, ldb: Int, ldc: Int
    package var transposedB: Bool, accumulating: Bool
  }

  /// Every shape asked for so far in this process: what the exactness test goes through.
  package static var dispatched: Set<Shape> { seen.withLock { $0 } }
  private static let seen = Mutex<Set<Shape>>([])

  /// An opaque code pointer that libxsmm keeps for the life of the process.
  private let function: libxsmm_smmfunction

  /// - Parameters:
  ///   - lda, ldb, ldc: leading dimensions; `nil` for a dense matrix.
  ///   - transposedB: B is stored as (n, k).
  ///   - accumulating: adds to C instead of replacing it.
  /// - Throws: `NumericsError` where there is no vector unit or libxsmm generates nothing.
  package init(
    m: Int, n: Int, k: Int, lda: Int? = nil, ldb: Int? = nil, ldc: Int? = nil,
    transposedB: Bool = false, accumulating: Bool = false
  ) throws(NumericsError) {
    try self.init(
      Shape(
        m: m, n: n, k: k, lda: lda ?? m, ldb: ldb ?? (transposedB ? n : k), ldc: ldc ?? m,
        transposedB: transposedB,
        accumulating: accumulating))
  }

  package init(_ shape: Shape) throws(NumericsError) {
    _ = try VectorUnit.current()
    var a = Int32(shape.lda)
    var b = Int32(shape.ldb)
    var c = Int32(shape.ldc)
    var alpha: Float = 1
    var beta: Float = shape.accumulating ? 1 : 0
    var flags: Int32 = shape.transposedB ? Int32(LIBXSMM_GEMM_FLAG_TRANS_B.rawValue) : 0
    guard
      let function = libxsmm_smmdispatch(
        Int32(shape.m), Int32(shape.n), Int32(shape.k), &a, &b, &c, &alpha, &beta, &flags, nil)
    else { throw .noMatrixProduct(m: shape.m, n: shape.n, k: shape.k) }
    self.function = function
    Self.seen.withLock { _ = $0.insert(shape) }
  }

  package func callAsFunction(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    cxsmm_call(function, a, b, c)
  }
}
