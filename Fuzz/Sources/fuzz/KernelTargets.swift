import BlurKernels
import Imaging

/// Kernels from other tools' files, read as users have them read. (A compressed .mat variable costs 8 MB to unpack, so its
/// inputs are slow.)
let kernelTargets = [
  kernelFile("npy", ending: "npy") { kernels.map { Array($0.npyData()) } },
  kernelFile("mat", ending: "mat") { kernels.map { Array($0.matData()) } },
  kernelFile("kernel-png", ending: "png") { try kernels.map { try $0.picture(cell: 1).encodePNG() } },
]

private func kernelFile(
  _ name: String, ending: String, seeds: @escaping @Sendable () throws -> [[UInt8]]
) -> FuzzTarget {
  let file = ScratchFile("kernel.\(ending)")
  return FuzzTarget(
    name: name, seeds: seeds,
    run: { bytes in
      file.put(bytes)
      let kernel = try BlurKernel.read(file.path)
      expect(kernel.values.count == kernel.side * kernel.side, "a kernel is square")
      let (normalised, _) = kernel.sumNormalised()
      expect(normalised.values.allSatisfy(\.isFinite), "a kernel that was read can be divided by its sum")
      expect(abs(normalised.sum - 1) < 2e-3, "and then sums to one")
      if kernel.side <= 64 { expect(kernel.npyData().count > 128, "a kernel can be written") }
    })
}

private var kernels: [BlurKernel] {
  [
    BlurKernel(side: 1, values: [1]),
    .gaussian(side: 11, centre: (4.5, 4.5), covariance: .init(xx: 2, xy: 0.5, yy: 1)),
    BlurKernel(side: 3, values: [0, 0.1, 0, 0.1, 0.6, 0.1, 0, 0.1, 0]),
  ]
}
