import BlurKernels
import Foundation
import Imaging
import Support
import Testing

@Suite struct KernelConventionTests {
  private let kernel = BlurKernel.anisotropicGaussian(lambda1: 3, lambda2: 0.8, theta: 0.4)

  /// The tools' own figures: FKP's `kernel_shift`, KernelGAN's, the middle, and the middle less `shift_pixel`'s
  /// (scale - 1) / 2.
  @Test func `centres are the tools`() {
    func centres(_ side: Int, _ scale: Int) -> [Double] {
      KernelConvention.allCases.map { $0.centre(side: side, scale: scale) }
    }
    #expect(centres(11, 2) == [4.5, 5.5, 5, 4.5])
    #expect(centres(21, 4) == [8.5, 11.5, 10, 8.5])
    #expect(centres(13, 2) == [5.5, 6.5, 6, 5.5])
    #expect(centres(12, 2) == [5, 7, 5.5, 5])
  }

  /// Ours is centred at 4.5; what comes out is centred where the other tool wants it, and turned if it convolves.
  @Test(arguments: KernelConvention.allCases, [2, 4])
  func `converted kernels lie where the tool expects them`(
    convention: KernelConvention, scale: Int
  ) throws {
    let ours = scale == 4 ? try kernel.x4() : kernel
    let theirs = ours.converted(from: .fkp, to: convention, scale: scale)
    let centre = convention.centre(side: theirs.side, scale: scale)
    let found = theirs.centreOfMass
    // What shifts cut off when our kernel was made leaves its own centre up to 0.02 off.
    #expect(abs(found.x - centre) < 0.03 && abs(found.y - centre) < 0.03, "\(found)")
    #expect(abs(theirs.sum - ours.sum) < 1e-3)
    // Normalised, since the covariance of a kernel whose sum is not 1 depends on where it lies. A spline blurs by up to 0.02 when it moves by half a pixel; an unturned kernel of a motion would be far off.
    #expect(theirs.normalised().covarianceDistance(to: ours.normalised()) < 0.1)
  }

  @Test func `a correlation becomes a convolution`() {
    let corner = BlurKernel.delta(side: 5, row: 0, column: 1)
    let theirs = corner.converted(from: .kernelGAN, to: .usrNetShifted, scale: 2)
    #expect(theirs == corner.rotated180(), "both are aligned with a plain enlargement: only turned")
    #expect(corner.converted(from: .fkp, to: .fkp, scale: 2) == corner)
  }

  /// From ours to KernelGAN's is one whole pixel at scale 2: exact, and nothing lost on the way back.
  @Test func `whole pixels are exact and nothing is cut off`() {
    let corner = BlurKernel.delta(side: 5, row: 4, column: 4)
    let theirs = corner.converted(from: .fkp, to: .kernelGAN, scale: 2)
    #expect(theirs.side == 7)
    #expect(largestDifference(theirs.values, BlurKernel.delta(side: 7, row: 6, column: 6).values) < 1e-12)
    let back = theirs.converted(from: .kernelGAN, to: .fkp, scale: 2)
    #expect(largestDifference(back.values, BlurKernel.delta(side: 9, row: 6, column: 6).values) < 1e-12)
  }

  /// What the enlarged picture lies like follows from where low-resolution pixel i is centred: at scale i + shift.
  @Test func `the blur stays the same for each tool`() throws {
    let side = 64
    let ramp = (0..<side * side).map { Float($0 % side) / 64 }
    for convention in KernelConvention.allCases {
      let theirs = kernel.converted(from: .fkp, to: convention, scale: 2)
      let correlated = convention.isConvolution ? theirs.rotated180() : theirs
      let low = try correlated.degrade(ramp, width: side, height: side, scale: 2)
      let shift = convention == .fkp ? -0.5 : convention == .usrNet ? 0 : 0.5
      // Pixel (16, 16), far from the circular border: the ramp there is its centre's x / 64.
      #expect(abs(Double(low[16 * 32 + 16]) * 64 - (32 + shift)) < 0.03, "\(convention)")
    }
  }

  @Test func `PNG kernels are read and normalised`() throws {
    let folder = try TemporaryFolder()
    func path(_ picture: Picture) throws -> String {
      let path = folder.file("kernel.png").path
      try picture.writePNG(path)
      return path
    }
    let read = try BlurKernel.read(try path(kernel.picture(cell: 1)))
    // 256 levels of the largest value.
    #expect(read.side == 11 && abs(read.sum - 1) < 1e-12)
    #expect(largestDifference(read.values, kernel.values) < (kernel.values.max() ?? 0) / 200)
    func expectUnreadable(_ picture: Picture, _ reason: String) throws {
      let file = try path(picture)
      #expect { try BlurKernel.read(file) } throws: {
        "\($0)" == "cannot read the kernel '\(file)': \(reason)"
      }
    }
    try expectUnreadable(
      kernel.picture(cell: 16),
      "it is 176x176 pixels, more than 127x127: a picture of a kernel, not one; use its .npy or .mat file")
    try expectUnreadable(
      Picture(width: 2, height: 1, rgb: [1, 1, 1, 2, 2, 2]), "it is 2x1 pixels; a kernel is square")
    try expectUnreadable(Picture(width: 1, height: 1, rgb: [1, 2, 3]), "it has colours; a kernel is grey")
    try expectUnreadable(Picture(width: 1, height: 1, rgb: [0, 0, 0]), "it is all black")
    let text = folder.file("text.png").path
    try Data("no picture".utf8).write(to: folder.file("text.png"))
    #expect { try BlurKernel.read(text) } throws: { "\($0)".contains("neither PNG, JPEG") }
  }
}
