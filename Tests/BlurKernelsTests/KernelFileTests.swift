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

  @Test func matKeepsEveryBitAndGivesEqualBytes() throws {
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 3, lambda2: 1, theta: 0.4)
    let (first, second) = (folder.file("one.mat"), folder.file("two.mat"))
    try kernel.write(to: first.path)
    try kernel.write(to: second.path)
    #expect(try BlurKernel.read(first.path) == kernel)
    #expect(try Data(contentsOf: first) == Data(contentsOf: second))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2, "no drafts left")
  }

  @Test func npyRoundsToFloatAndReplacesTheOldFile() throws {
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 3, lambda2: 1, theta: 0.4)
    let path = try store(Data("old".utf8), as: "kernel.npy")
    try kernel.write(to: path)
    #expect(try BlurKernel.read(path).values == kernel.values.map { Double(Float($0)) })
  }

  @Test func npyBytesAreNumPys() {
    let data = BlurKernel(side: 2, values: [1, 2, 3, 4]).npyData()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".padding(
      toLength: 117, withPad: " ", startingAt: 0)
    #expect(data.prefix(10) == Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]))
    #expect(data[10..<128] == Data((header + "\n").utf8))
    let values: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40]
    #expect(data.dropFirst(128) == Data(values))
  }

  @Test func filesOfSciPyAndNumPyKeepRowsAndColumns() throws {
    let mat = try store(Self.matlab(Self.compressed), as: "int16.mat")
    #expect(try BlurKernel.read(mat).values == [1, 2, 3, 4])
    let npy = try store(Self.bytes(Self.fortran), as: "fortran.npy")
    #expect(try BlurKernel.read(npy).values == [1.5, 2, 3, 4])
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func theBenchmarksKernelsReadAsInSciPy() throws {
    let face = try BlurKernel.read(SharedData.set14("x2_clean/kernel/face.mat").path)
    #expect(face.side == 11)
    #expect(face[2, 6] == 0.0037827415093472623)
    #expect(face[6, 2] == 9.225845138543678e-05)
    let barbara = try BlurKernel.read(SharedData.set14("x4_clean/kernel/barbara.mat").path)
    #expect(barbara.side == 21)
    #expect(barbara[6, 9] == 0.01593407152943604)
    #expect(barbara[9, 6] == 0.010240553085471563)
  }

  @Test func aMissingVariableIsAnsweredWithThoseThereAre() throws {
    let path = try store(Self.matlab(Self.others), as: "others.mat")
    expectUnreadable(path, #"it has no variable 'Kernel', only "Other", "psf""#)
  }

  @Test func onlySquareRealMatricesAreKernels() throws {
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

  @Test func everyReasonIsOneClearLine() throws {
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

  @Test func valuesThatAreNoBlurAreRefused() throws {
    let zero = BlurKernel(side: 2, values: [1, -1, 0, 0])
    expectUnreadable(
      try store(zero.npyData(), as: "zero.npy"), "its values sum to 0.0, but a blur's sum is near 1")
    let infinite = BlurKernel(side: 1, values: [.infinity])
    expectUnreadable(try store(infinite.npyData(), as: "infinite.npy"), "it holds values that are not finite")
  }

  @Test func headersOfOtherArraysAreRefused() throws {
    func altered(_ old: String, _ new: String) throws -> String {
      let text = String(
        decoding: BlurKernel.delta(side: 3, row: 1, column: 1).npyData(), as: Unicode.ASCII.self)
      var data = BlurKernel.delta(side: 3, row: 1, column: 1).npyData()
      let start = try #require(text.firstRange(of: old)).lowerBound.utf16Offset(in: text)
      data.replaceSubrange(start..<start + old.utf8.count, with: new.utf8)
      return try store(data, as: "altered.npy")
    }
    expectUnreadable(
      try altered("<f4", ">i2"), #"its type is ">i2"; save it as float32 or float64"#)
    expectUnreadable(try altered("3, 3", "1, 9"), "its shape is (1, 9); a kernel is square")
    expectUnreadable(try altered("'shape'", "'share'"), "its header does not give type, order and shape")
  }

  @Test func anUnwritablePlaceIsNamed() {
    let path = folder.file("none/kernel.mat").path
    let kernel = BlurKernel.delta(side: 3, row: 1, column: 1)
    let wanted = "cannot write the kernel '\(path)': No such file or directory"
    #expect { try kernel.write(to: path) } throws: { "\($0)" == wanted }
    #expect(throws: DegradationError.self) { try kernel.write(to: folder.file("none/kernel.npy").path) }
    #expect(throws: DegradationError.self) { try kernel.write(to: folder.file("kernel.txt").path) }
  }

  /// Every byte damaged and every length cut: an error that names the file, or a kernel if the damage only
  /// changed a value; never a crash.
  @Test(arguments: ["mat", "compressed.mat", "npy"]) func damagedFilesNeverCrash(kind: String) throws {
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

  @Test func filesAreReadAndWrittenFromManyThreads() async throws {
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
