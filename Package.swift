// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// For tests that compute next to nothing themselves: they build in half the time.
let unoptimized: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

/// A library target; its tests live in `Tests/<name>Tests`.
func module(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], settings: [SwiftSetting] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["Support"], exclude: exclude, swiftSettings: strict + settings)
}

let package = Package(
  name: "metakernelgan",
  products: [
    .executable(name: "metakernelgan", targets: ["metakernelgan"]),
    // Kernels found and pictures enlarged, for other programs.
    .library(name: "Restoration", targets: ["Restoration"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),  // the YAML parser for Swift, on libYAML
    // The HTTP server. Without its traits: neither its configuration files nor its use of all Foundation is wanted.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    // Not used. Hummingbird brings it along, and one of its targets bears the name of ours unless it gets another below.
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    // Parts of Hummingbird that its users need by name.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
  ],
  targets: [
    // C libraries from Debian; scripts/setup installs them.
    .systemLibrary(name: "CXSMM"),  // libxsmm: JIT GEMM, the only one at peak on our small shapes
    .systemLibrary(name: "CSPNG"),  // libspng: PNG without setjmp, so Swift calls it directly
    .systemLibrary(name: "CTurboJPEG"),  // libjpeg-turbo's TurboJPEG API: an encoder to test our own with
    .systemLibrary(name: "CExif"),  // libexif: EXIF orientation
    .systemLibrary(name: "CWebP"),  // libwebp: WebP, read and written
    .systemLibrary(name: "CHEIF"),  // libheif: HEIC and AVIF by one library
    .systemLibrary(name: "CGIF"),  // giflib: GIF
    .systemLibrary(name: "CZlib"),  // zlib: compressed MATLAB .mat files
    .systemLibrary(name: "CFFTW"),  // FFTW in single precision: the data step's Fourier transforms
    .systemLibrary(name: "CCrypto"),  // OpenSSL libcrypto: SHA-256 at hardware speed
    .systemLibrary(name: "CLinux"),  // the C library's variadic functions and macros
    .systemLibrary(name: "CZeroMQ"),  // libzmq: sockets that reconnect by themselves
    .systemLibrary(name: "CISAL"),  // ISA-L: CRC32C, which TensorBoard's records carry
    .systemLibrary(name: "CXXHash"),  // xxHash: XXH3, the checksum of task results

    // protoc-c's output for proto/*.proto; proto/generate makes it.
    .target(name: "CWire", linkerSettings: [.linkedLibrary("protobuf-c")]),
    .target(name: "CTensorBoard", linkerSettings: [.linkedLibrary("protobuf-c")]),
    // libjpeg behind functions that Swift can call: TurboJPEG's API tells only the first of a file's warnings, and encodes
    // whole pictures alone.
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    // libtiff behind functions that Swift can call: its own are variadic.
    .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
    // Element-wise loops, one source built once per instruction set.
    .target(name: "CLoops", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),

    // Named Platform, not System: swift-nio imports a module of that name where it finds one.
    module("Platform", ["CCrypto", "CLinux"]),
    module("Numerics", ["CLoops", "CXSMM"]),
    module(
      "Imaging", ["Platform", "CSPNG", "CJPEG", "CTIFF", "CWebP", "CHEIF", "CGIF", "CExif"]),
    module("BlurKernels", ["Platform", "Numerics", "Imaging", "CZlib"]),
    module("Checkpoints", ["Platform"]),
    module("Networks", ["Numerics", "Checkpoints"]),
    module("Layers", ["CLoops", "Numerics"]),
    module("Foresight", ["BlurKernels", "Imaging", "Checkpoints", "Numerics"]),
    module(
      "SuperResolution",
      ["BlurKernels", "Imaging", "Checkpoints", "Platform", "Numerics", "CLoops", "CFFTW"],
      resources: [.copy("Weights")]),
    module(
      "Estimation",
      [
        "Networks", "Layers", "Foresight", "SuperResolution", "Imaging", "BlurKernels", "Checkpoints",
        "Numerics", "Platform",
      ],
      resources: [.copy("Weights")]),
    module(
      "Restoration", ["Estimation", "SuperResolution", "Imaging", "BlurKernels", "Checkpoints", "Platform"]),
    module(
      "Comparison",
      [
        "Restoration", "Estimation", "SuperResolution", "Imaging", "BlurKernels", "Checkpoints", "Platform",
        "Numerics", "CLinux",
      ]),
    module("TrainingData", ["Platform", "Numerics", "Imaging", "BlurKernels", "Checkpoints"]),
    module(
      "MetaLearning",
      [
        "TrainingData", "Networks", "Foresight", "BlurKernels", "Imaging", "Checkpoints", "Platform",
        "Numerics",
      ]),
    module("Messages", ["CWire", "CXXHash"]),
    module("Transport", ["Platform", "CZeroMQ"]),
    module("Coordination", ["Messages"]),
    module("RunDirectory", ["Platform", "Checkpoints"]),
    module("CheckpointExchange", ["Messages", "Transport", "RunDirectory", "Checkpoints", "Platform"]),
    module("Intake", ["Messages", "Transport", "Checkpoints", "Platform", "CLinux"]),
    // HTTP: the only target that links a server, which takes two minutes to build.
    module(
      "Service",
      [
        "CheckpointExchange", "Messages", "RunDirectory", "Checkpoints", "Platform",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Numerics", package: "swift-numerics", moduleAliases: ["Numerics": "SwiftNumerics"]),
      ],
      resources: [.copy("Page"), .copy("openapi.yaml")]),
    module("Telemetry", ["Platform", "Imaging", "CISAL", "CTensorBoard"]),
    module(
      "Training",
      [
        "MetaLearning", "TrainingData", "Networks", "Foresight", "BlurKernels", "Imaging", "Checkpoints",
        "RunDirectory",
        "Telemetry", "Coordination", "Messages", "Transport", "Platform", "Numerics",
        .product(name: "Yams", package: "Yams"),
      ]),
    // Measurements of this machine; `bench` prints them.
    module(
      "Benches",
      [
        "Restoration", "Estimation", "Layers", "SuperResolution", "Training", "MetaLearning", "RunDirectory",
        "CheckpointExchange", "Messages", "Transport", "Networks", "Imaging", "BlurKernels", "Checkpoints",
        "Platform", "Numerics",
      ]),
    .executableTarget(
      name: "metakernelgan",
      dependencies: [
        "Benches", "Restoration", "Estimation", "Foresight", "SuperResolution", "Comparison", "Training",
        "MetaLearning",
        "TrainingData",
        "RunDirectory", "Coordination", "Messages", "CheckpointExchange", "Intake", "Transport", "Service",
        "Networks", "Imaging", "BlurKernels", "Checkpoints", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.copy("Demo")], swiftSettings: strict, plugins: ["SourceVersion"]),
    // A part of the version: a hash of the sources, made at build time.
    .executableTarget(name: "SourceHash", path: "Plugins/SourceHash", swiftSettings: strict),
    .plugin(name: "SourceVersion", capability: .buildTool(), dependencies: ["SourceHash"]),

    // What several test targets share: the research data's place, temporary folders.
    .target(name: "Support", path: "Tests/Support", swiftSettings: strict),
    // The plain double-precision networks that the tuned ones are held to.
    .target(name: "NaiveTwin", path: "Tests/NaiveTwin", swiftSettings: strict),
    tests("PlatformTests", ["Platform"]),
    tests("NumericsTests", ["Numerics", "CLoops"]),
    tests("ImagingTests", ["Imaging", "Checkpoints", "CSPNG", "CTurboJPEG", "CHEIF"]),
    tests("BlurKernelsTests", ["BlurKernels", "Imaging", "Checkpoints", "Numerics"]),
    tests(
      "NetworksTests", ["Networks", "Foresight", "NaiveTwin", "Imaging", "BlurKernels", "Checkpoints"],
      exclude: ["Fixtures"]),
    tests("LayersTests", ["Layers", "Numerics"]),
    tests("ForesightTests", ["Foresight", "BlurKernels", "Imaging", "Numerics"]),
    tests(
      "MetaLearningTests",
      ["MetaLearning", "Foresight", "BlurKernels", "Networks", "NaiveTwin", "Checkpoints", "Platform"]),
    tests(
      "TrainingTests",
      [
        "Training", "TrainingData", "MetaLearning", "Networks", "Coordination", "RunDirectory", "Messages",
        "Transport", "Checkpoints", "Platform", "Numerics",
      ], settings: unoptimized),
    tests("MessagesTests", ["Messages", "Numerics"]),
    tests("TransportTests", ["Transport"]),
    tests("CoordinationTests", ["Coordination", "Messages", "Numerics"]),
    // A process that holds a run's lease and can be killed.
    .executableTarget(
      name: "RunHolder", dependencies: ["RunDirectory", "Checkpoints", "Platform"], path: "Tests/RunHolder",
      swiftSettings: strict),
    tests("RunDirectoryTests", ["RunDirectory", "RunHolder", "Checkpoints", "Platform"]),
    tests(
      "CheckpointExchangeTests",
      ["CheckpointExchange", "Messages", "Transport", "RunDirectory", "Checkpoints", "Platform"],
      settings: unoptimized),
    tests(
      "ServiceTests",
      ["Service", "CheckpointExchange", "RunDirectory", "Checkpoints", "Transport", "Platform"],
      settings: unoptimized),
    tests("IntakeTests", ["Intake", "Messages", "Transport", "Platform"], settings: unoptimized),
    tests("TelemetryTests", ["Telemetry", "Imaging"]),
    tests("CheckpointsTests", ["Checkpoints", "Platform"]),
    tests(
      "EstimationTests",
      [
        "Estimation", "SuperResolution", "Networks", "Layers", "Foresight", "Imaging", "BlurKernels",
        "Checkpoints", "Numerics",
      ]),
    // The example of the library, built here as well so that it compiles; it has a package of its own beside it.
    .executableTarget(
      name: "EnlargePhoto", dependencies: ["Restoration"], path: "Examples/EnlargePhoto/Sources",
      swiftSettings: strict),
    tests(
      "RestorationTests",
      [
        "Restoration", "EnlargePhoto", "Estimation", "SuperResolution", "Imaging", "BlurKernels", "Platform",
        "Numerics",
      ]),
    tests(
      "CommandTests",
      [
        "metakernelgan", "Restoration", "Training", "Messages", "Transport", "MetaLearning", "Estimation",
        "Networks",
        "CheckpointExchange", "RunDirectory",
        "Checkpoints", "Imaging", "BlurKernels", "Platform", "Numerics",
      ],
      settings: unoptimized),
    tests("SuperResolutionTests", ["SuperResolution", "BlurKernels", "Imaging", "Checkpoints", "Numerics"]),
    tests(
      "ComparisonTests",
      [
        "Comparison", "Estimation", "Networks", "SuperResolution", "Imaging", "BlurKernels", "Checkpoints",
        "Numerics",
      ], settings: unoptimized),
    tests("TrainingDataTests", ["TrainingData", "Platform", "Numerics", "Imaging", "Checkpoints"]),
  ],
  swiftLanguageModes: [.v6]
)
