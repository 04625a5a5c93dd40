import BlurKernels
import Foundation
import Support
import Testing

@Suite struct KernelFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func store(_ data: Data, as name: String) throws -> String {
    try data.write(to: folder.file(name))
    return folder.file(name).path
  }

  private func expectUnreadable(_ path: String, _ reason: String) {
    let wanted = "cannot read the kernel '\(path)': \(reason)"
    #expect { try BlurKernel.read(path) } throws: { "\($0)" == wanted }
  }

  /// After 116 bytes of text, scipy.io.savemat({'Kernel': int16([[1, 2], [3, 4]])}, do_compression=True).
  static let compressed =
    "AAAAAAAAAAAAAUlNDwAAADEAAAB4nONjYGBwAGI2IOYAYi4GCGCF8pmgmBGqxju1KC81h4GBGSrPCGQxMbAwAABSBwL1"
  /// The same of {'Other': eye(2), 'psf': eye(3)}, uncompressed.
  static let others =
    "AAAAAAAAAAAAAUlNDgAAAFgAAAAGAAAACAAAAAYAAAAAAAAABQAAAAgAAAACAAAAAgAAAAEAAAAFAAAAT3RoZXIAAAAJAAAA"
    + "IAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/DgAAAHgAAAAGAAAACAAAAAYAAAAAAAAABQAAAAgAAAADAAAA"
    + "AwAAAAEAAwBwc2YACQAAAEgAAAAAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAA"
    + "AAAAAAAAAAAAAAAAAAAAAAAA8D8="
  /// numpy.save(asfortranarray([[1.5, 2], [3, 4]])).
  static let fortran =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAAAhA"
    + "AAAAAAAAAEAAAAAAAAAQQA=="

  static func bytes(_ base64: String) -> Data { Data(base64Encoded: base64) ?? Data() }
  static func matlab(_ base64: String) -> Data { Data(repeating: 32, count: 116) + bytes(base64) }

  @Test func `a MAT file keeps every bit and gives equal bytes`() throws {
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 3, lambda2: 1, theta: 0.4)
    let (first, second) = (folder.file("one.mat"), folder.file("two.mat"))
    try kernel.write(to: first.path)
    try kernel.write(to: second.path)
    #expect(try BlurKernel.read(first.path) == kernel)
    #expect(try Data(contentsOf: first) == Data(contentsOf: second))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2, "no drafts left")
  }

  @Test func `NPY rounds to float and replaces the old file`() throws {
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 3, lambda2: 1, theta: 0.4)
    let path = try store(Data("old".utf8), as: "kernel.npy")
    try kernel.write(to: path)
    #expect(try BlurKernel.read(path).values == kernel.values.map { Double(Float($0)) })
  }

  @Test func `NPY bytes are NumPy's`() {
    let data = BlurKernel(side: 2, values: [1, 2, 3, 4]).npyData()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".padding(
      toLength: 117, withPad: " ", startingAt: 0)
    #expect(data.prefix(10) == Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]))
    #expect(data[10..<128] == Data((header + "\n").utf8))
    let values: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40]
    #expect(data.dropFirst(128) == Data(values))
  }

  @Test func `files of SciPy and NumPy keep rows and columns`() throws {
    let mat = try store(Self.matlab(Self.compressed), as: "int16.mat")
    #expect(try BlurKernel.read(mat).values == [1, 2, 3, 4])
    let npy = try store(Self.bytes(Self.fortran), as: "fortran.npy")
    #expect(try BlurKernel.read(npy).values == [1.5, 2, 3, 4])
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `the benchmark's kernels read as in SciPy`() throws {
    let face = try BlurKernel.read(SharedData.set14("x2_clean/kernel/face.mat").path)
    #expect(face.side == 11)
    #expect(face[2, 6] == 0.0037827415093472623)
    #expect(face[6, 2] == 9.225845138543678e-05)
    let barbara = try BlurKernel.read(SharedData.set14("x4_clean/kernel/barbara.mat").path)
    #expect(barbara.side == 21)
    #expect(barbara[6, 9] == 0.01593407152943604)
    #expect(barbara[9, 6] == 0.010240553085471563)
  }

  @Test func `a missing variable is answered with those there are`() throws {
    let path = try store(Self.matlab(Self.others), as: "others.mat")
    expectUnreadable(path, #"it has no variable 'Kernel', only "Other", "psf""#)
  }

  @Test func `only square real matrices are kernels`() throws {
    func altered(_ index: Int, _ byte: UInt8) throws -> String {
      var data = BlurKernel(side: 2, values: [1, 2, 3, 4]).matData()
      data[index] = byte
      return try store(data, as: "altered.mat")
    }
    expectUnreadable(try altered(164, 3), "'Kernel' is 2x3; a kernel is square")
    let notReal = "'Kernel' is not a matrix of real numbers"
    expectUnreadable(try altered(144, 4), notReal)  // class 4: text
    expectUnreadable(try altered(145, 8), notReal)  // the flag of complex numbers
    expectUnreadable(
      try altered(184, 200), "it is damaged: 'Kernel' stores its values as the unknown type 200")
  }

  @Test func `every reason is one clear line`() throws {
    expectUnreadable(folder.file("none.npy").path, "No such file or directory")
    expectUnreadable(folder.file("none.mat").path, "No such file or directory")
    expectUnreadable(folder.file("kernel.tiff").path, "kernels are read from .npy, .mat or .png files")
    let noMAT = "it is not a MATLAB file of version 5; save it with -v7 or -v6"
    expectUnreadable(try store(Data("hello".utf8), as: "text.mat"), noMAT)
    expectUnreadable(try store(Data("hello".utf8), as: "text.npy"), "it is not a NumPy file")
    let good = BlurKernel.delta(side: 3, row: 1, column: 1).npyData()
    expectUnreadable(try store(good.prefix(100), as: "head.npy"), "it ends inside its header")
    expectUnreadable(
      try store(good.dropLast(), as: "short.npy"), "it holds 35 bytes of values, expected 36")
  }

  @Test func `values that are no blur are refused`() throws {
    let zero = BlurKernel(side: 2, values: [1, -1, 0, 0])
    expectUnreadable(
      try store(zero.npyData(), as: "zero.npy"), "its values sum to 0.0, but a blur's sum is near 1")
    let infinite = BlurKernel(side: 1, values: [.infinity])
    expectUnreadable(try store(infinite.npyData(), as: "infinite.npy"), "it holds values that are not finite")
  }

  /// A blur lets most of the light through, whatever its values' unit; an edge detector nearly none of it.
  @Test func `sums near zero are refused and others are divided by`() throws {
    let blur = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.3)
    for factor in [255.0, 1 / 0.05, 1e-4, 0.9] {
      let given = BlurKernel(side: blur.side, values: blur.values.map { factor * $0 })
      let read = try BlurKernel.read(try store(given.matData(), as: "given.mat"))
      #expect(read == given, "values are kept as they are in the file")
      let (kernel, note) = read.sumNormalised()
      #expect(abs(kernel.sum - 1) < 1e-12)
      #expect(zip(kernel.values, blur.values).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(note?.hasPrefix("the kernel's values sum to ") == true)
    }
    let exact = blur.sumNormalised()
    #expect(exact.kernel == blur && exact.note == nil)
    let edges = BlurKernel(side: 3, values: [-1, -1, -1, -1, 8.5, -1, -1, -1, -1])
    expectUnreadable(
      try store(edges.matData(), as: "edges.mat"), "its values sum to 0.5, but a blur's sum is near 1")
  }

  /// The same numbers in every type, byte order and shape that tools save them in.
  @Test(arguments: ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
  func `every type of number is read`(type: String) throws {
    let numbers: [Double] =
      type.hasPrefix("u") ? [0, 100, 255, 1, 2, 3, 4, 5, 6] : [-3, 0, 1, 2, 100, 4, 5, 6, 7]
    for isBigEndian in [false, true] {
      for shape in ["(3, 3)", "(1, 3, 3)", "(1, 1, 3, 3)", "(3, 3, 1)"] {
        let descriptor = (isBigEndian ? ">" : "<") + type
        let file = NumPyFixture(
          descriptor, shape: shape, numbers.flatMap { bytes($0, as: type, isBigEndian: isBigEndian) })
        let path = try store(file.data, as: "typed.npy")
        #expect(try BlurKernel.read(path).values == numbers, "\(descriptor) \(shape)")
      }
    }
  }

  @Test func `booleans are read`() throws {
    let file = NumPyFixture("|b1", shape: "(2, 2)", [0, 1, 1, 1])
    #expect(try BlurKernel.read(try store(file.data, as: "boolean.npy")).values == [0, 1, 1, 1])
  }

  @Test func `half precision keeps its special values`() throws {
    // 2^-24, the smallest; 65504, the largest; 1/3; and zero.
    let file = NumPyFixture("<f2", shape: "(2, 2)", [1, 0, 0xFF, 0x7B, 0x55, 0x35, 0, 0])
    let values = try BlurKernel.read(try store(file.data, as: "half.npy")).values
    #expect(values == [0x1p-24, 65504, 0.333251953125, 0])
    let infinite = NumPyFixture("<f2", shape: "(1, 1)", [0, 0x7C])
    expectUnreadable(
      try store(infinite.data, as: "infinite.npy"), "it holds values that are not finite")
  }

  private func bytes(_ value: Double, as type: String, isBigEndian: Bool) -> [UInt8] {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { Array($0) }
    }
    return switch type {
    case "f2": bytes(Self.half(value))
    case "f4": bytes(Float(value).bitPattern)
    case "f8": bytes(value.bitPattern)
    case "i1", "u1": bytes(UInt8(truncatingIfNeeded: Int(value)))
    case "i2", "u2": bytes(UInt16(truncatingIfNeeded: Int(value)))
    case "i4", "u4": bytes(UInt32(truncatingIfNeeded: Int(value)))
    default: bytes(UInt64(truncatingIfNeeded: Int(value)))
    }
  }

  /// Of whole numbers under 2048, which are exact.
  private static func half(_ value: Double) -> UInt16 {
    guard value != 0 else { return 0 }
    let sign: UInt16 = value < 0 ? 0x8000 : 0
    let magnitude = abs(value)
    return sign | UInt16(Int(magnitude.exponent) + 15) << 10 | UInt16((magnitude.significand - 1) * 1024)
  }

  @Test func `headers of other arrays are refused`() throws {
    func altered(_ old: String, _ new: String) throws -> String {
      let text = String(
        decoding: BlurKernel.delta(side: 3, row: 1, column: 1).npyData(), as: Unicode.ASCII.self)
      var data = BlurKernel.delta(side: 3, row: 1, column: 1).npyData()
      let start = try #require(text.firstRange(of: old)).lowerBound.utf16Offset(in: text)
      data.replaceSubrange(start..<start + old.utf8.count, with: new.utf8)
      return try store(data, as: "altered.npy")
    }
    expectUnreadable(
      try altered("<f4", "<c8"), #"its type is "<c8"; save it as float32 or another real number"#)
    expectUnreadable(
      try altered("<f4", "<i9"), #"its type is "<i9"; save it as float32 or another real number"#)
    expectUnreadable(try altered("<f4", ">i2"), "it holds 36 bytes of values, expected 18")
    expectUnreadable(try altered("3, 3", "1, 9"), "its shape is (1, 9); a kernel is square")
    expectUnreadable(try altered("'shape'", "'share'"), "its header does not give type, order and shape")
  }

  @Test func `an unwritable place is named`() {
    let path = folder.file("none/kernel.mat").path
    let kernel = BlurKernel.delta(side: 3, row: 1, column: 1)
    let wanted = "cannot write the kernel '\(path)': No such file or directory"
    #expect { try kernel.write(to: path) } throws: { "\($0)" == wanted }
    #expect(throws: DegradationError.self) { try kernel.write(to: folder.file("none/kernel.npy").path) }
    #expect(throws: DegradationError.self) { try kernel.write(to: folder.file("kernel.txt").path) }
  }

  /// Every byte damaged and every length cut: an error that names the file, or a kernel if the damage only
  /// changed a value; never a crash.
  @Test(arguments: ["mat", "compressed.mat", "npy"]) func `damaged files never crash`(kind: String) throws {
    let good = try sample(kind)
    for index in good.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var bad = good
        bad[index] ^= mask
        try expectKernelOrError(bad, kind)
      }
      try expectKernelOrError(good.prefix(index), kind)
    }
  }

  private func sample(_ kind: String) throws -> Data {
    let kernel = BlurKernel(side: 2, values: [1, 2, 3, 4])
    if kind == "npy" { return kernel.npyData() }
    if kind == "compressed.mat" { return Self.matlab(Self.compressed) }
    try kernel.write(to: folder.file("good.mat").path)
    return try Data(contentsOf: folder.file("good.mat"))
  }

  private func expectKernelOrError(_ data: Data, _ kind: String) throws {
    let path = try store(data, as: "damaged.\(kind)")
    do {
      #expect(try BlurKernel.read(path).sum > 0)
    } catch {
      let text = "\(error)"
      #expect(text.hasPrefix("cannot read the kernel '\(path)': ") && !text.contains("\n"))
    }
  }

  @Test func `files are read and written from many threads`() async throws {
    let folder = folder.url
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<32 {
        group.addTask {
          let kernel = BlurKernel.delta(side: 5, row: index % 5, column: index / 7)
          let path = folder.appending(path: "\(index).mat").path
          try kernel.write(to: path)
          return try BlurKernel.read(path) == kernel
        }
      }
      for try await same in group { #expect(same) }
    }
  }
}

/// A NumPy file of version 1 of any type, shape and bytes.
struct NumPyFixture {
  let data: Data

  init(_ type: String, shape: String, _ values: [UInt8]) {
    let dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    let header = dictionary.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + values)
  }
}
