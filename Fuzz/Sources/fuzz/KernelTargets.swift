import Imaging

@testable import BlurKernels

/// Kernels from other tools' files, and the conversions that users ask for. (A compressed .mat variable costs 8 MB to unpack,
/// so its inputs are few a second.)
let kernelTargets = [
  FuzzTarget(name: "npy", seeds: { kernels.map { Array($0.npyData()) } }) { bytes in
    use(try NumPyFile.parse(Array(bytes)))
  },
  FuzzTarget(name: "mat", seeds: { kernels.map { Array($0.matData()) } }) { bytes in
    use(try MATFile.parse(Array(bytes)))
  },
  FuzzTarget(name: "kernel-png", seeds: { try kernels.map { try $0.picture(cell: 1).encodePNG() } }) {
    bytes in
    scratch.put(bytes)
    use(try PNGKernel.read(scratch.path))
  },
]

private let scratch = ScratchFile("kernel.png")

private var kernels: [BlurKernel] {
  [
    BlurKernel(side: 1, values: [1]),
    .gaussian(side: 11, centre: (4.5, 4.5), covariance: .init(xx: 2, xy: 0.5, yy: 1)),
    BlurKernel(side: 3, values: [0, 0.1, 0, 0.1, 0.6, 0.1, 0, 0.1, 0]),
  ]
}

private func use(_ kernel: BlurKernel) {
  expect(kernel.values.count == kernel.side * kernel.side, "a kernel is square")
  guard kernel.side <= 64, kernel.values.allSatisfy(\.isFinite) else { return }
  expect(kernel.npyData().count > 128, "a kernel can be written")
  _ = kernel.sumNormalised()
}
