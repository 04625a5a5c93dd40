import Foundation

/// One allocation of zeroed floats, aligned to a cache line and readable 64 bytes past its end, so that vector
/// loops need no tail. Owned by one thread at a time.
package final class FloatBuffer {
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  private static let hugePage = 2 << 20

  package init(_ count: Int) {
    self.count = count
    let bytes = (count + 16) * MemoryLayout<Float>.stride
    let isLarge = bytes >= 4 * Self.hugePage
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? Self.hugePage : 64)
    // Advice, so that its failure is none: the pages of a large buffer come 512 at a time.
    if isLarge { madvise(raw, bytes, MADV_HUGEPAGE) }
    pointer = raw.initializeMemory(as: Float.self, repeating: 0, count: count + 16)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  package var values: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: count) }
  package var array: [Float] { Array(values) }

  /// Copies `values`, which must be as many as the buffer holds.
  package func load(_ values: some Collection<Float>) {
    precondition(values.count == count)
    _ = self.values.update(fromContentsOf: values)
  }

  package func load(_ other: FloatBuffer) {
    precondition(other.count == count)
    pointer.update(from: other.pointer, count: count)
  }

  package func clear() { pointer.update(repeating: 0, count: count) }
}
