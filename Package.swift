// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// A library target; its tests live in `Tests/<name>Tests`.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: strict)
}

let package = Package(
  name: "metakernelgan",
  products: [.executable(name: "metakernelgan", targets: ["metakernelgan"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C libraries from Debian; scripts/setup installs them.
    .systemLibrary(name: "CXSMM"),  // libxsmm: JIT GEMM, the only one at peak on our small shapes
    .systemLibrary(name: "CSPNG"),  // libspng: PNG without setjmp, so Swift calls it directly
    .systemLibrary(name: "CTurboJPEG"),  // libjpeg-turbo's TurboJPEG API, for the same reason
    .systemLibrary(name: "CExif"),  // libexif: EXIF orientation
    .systemLibrary(name: "CZlib"),  // zlib: compressed MATLAB .mat files
    .systemLibrary(name: "CCrypto"),  // OpenSSL libcrypto: SHA-256 at hardware speed

    // Element-wise loops, one source built once per instruction set.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),

    module("Numerics", ["CKernels", "CXSMM"]),
    module("Imaging", ["Numerics", "CSPNG", "CTurboJPEG", "CExif"]),
    module("Degradation", ["Numerics", "Imaging", "CZlib"]),
    module("Checkpoints", ["CCrypto"]),
    module("KernelGAN", ["Numerics", "Checkpoints"]),
    module("Estimation", ["KernelGAN", "Imaging", "Degradation", "Numerics"]),
    module("TrainingData", ["Numerics", "Imaging", "Degradation", "Checkpoints"]),
    module("MetaLearning", ["TrainingData", "KernelGAN", "Degradation", "Checkpoints", "Numerics"]),
    module("RunDirectory", ["Checkpoints"]),
    .executableTarget(
      name: "metakernelgan",
      dependencies: [
        "Estimation", "MetaLearning", "TrainingData", "KernelGAN", "Imaging", "Degradation", "Checkpoints",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // What several test targets share: the research data's place, temporary folders.
    .target(name: "Support", path: "Tests/Support", swiftSettings: strict),
    // The plain double-precision networks that the tuned ones are held to.
    .target(name: "NaiveTwin", path: "Tests/NaiveTwin", swiftSettings: strict),
    tests("NumericsTests", ["Numerics", "CKernels"]),
    tests("ImagingTests", ["Imaging", "CSPNG", "CTurboJPEG"]),
    tests("DegradationTests", ["Degradation"]),
    tests("KernelGANTests", ["KernelGAN", "NaiveTwin", "Imaging", "Degradation", "Checkpoints"]),
    tests("MetaLearningTests", ["MetaLearning", "KernelGAN", "NaiveTwin", "Checkpoints"]),
    tests("CheckpointsTests", ["Checkpoints"]),
    tests(
      "EstimationTests", ["Estimation", "KernelGAN", "Imaging", "Degradation", "Checkpoints", "Numerics"]),
    tests(
      "CommandTests", ["metakernelgan", "Estimation", "KernelGAN", "Imaging", "Degradation", "Numerics"]),
    // A process for the tests of run directories to kill.
    .executableTarget(
      name: "RunHolder", dependencies: ["RunDirectory", "Checkpoints"], path: "Tests/RunHolder",
      swiftSettings: strict),
    tests("RunDirectoryTests", ["RunDirectory", "RunHolder", "Checkpoints"]),
    tests("TrainingDataTests", ["TrainingData", "Numerics", "Imaging", "Checkpoints"]),
  ],
  swiftLanguageModes: [.v6]
)
