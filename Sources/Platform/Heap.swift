internal import CLinux

/// The C library's memory.
public enum Heap {
  /// For a process that takes and frees blocks of a few hundred kilobytes thousands of times a second: freed ones are
  /// kept for the next. By default each of that size is mapped from the kernel, which fills it with zeros page by page;
  /// that was more than a quarter of a busy coordinator's time.
  public static func keepLargeBlocks() {
    // The largest threshold there may be; what is freed at a heap's end is given back from there on.
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
  }
}
