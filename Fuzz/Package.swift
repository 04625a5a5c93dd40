// swift-tools-version: 6.2
import PackageDescription

// The fuzz targets, a package of their own: libFuzzer brings its own `main`, which `swift test` of the root package could
// not link, and none of the HTTP server is built. The folders in Sources are links to the root package's, so that what is
// fuzzed is what is shipped. Build it by `Fuzz/run`, which knows the compiler's options.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "fuzz",
  dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
  targets: [
    .systemLibrary(name: "CXSMM"),
    .systemLibrary(name: "CSPNG"),
    .systemLibrary(name: "CExif"),
    .systemLibrary(name: "CWebP"),
    .systemLibrary(name: "CHEIF"),
    .systemLibrary(name: "CGIF"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CZeroMQ"),
    .systemLibrary(name: "CXXHash"),
    .target(name: "CWire", linkerSettings: [.linkedLibrary("protobuf-c")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
    .target(name: "CLoops", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
    module("Platform", ["CCrypto", "CLinux"]),
    module("Numerics", ["CLoops", "CXSMM"]),
    module(
      "Imaging", ["Platform", "CSPNG", "CJPEG", "CTIFF", "CWebP", "CHEIF", "CGIF", "CExif"]),
    module("BlurKernels", ["Platform", "Numerics", "Imaging", "CZlib"]),
    module("Checkpoints", ["Platform"]),
    module("Networks", ["Numerics", "Checkpoints"]),
    module("Foresight", ["BlurKernels", "Imaging", "Checkpoints", "Numerics"]),
    module("TrainingData", ["Platform", "Numerics", "Imaging", "BlurKernels", "Checkpoints"]),
    module(
      "MetaLearning",
      [
        "TrainingData", "Networks", "Foresight", "BlurKernels", "Imaging", "Checkpoints", "Platform",
        "Numerics",
      ]),
    module("Messages", ["CWire", "CXXHash"]),
    module("Transport", ["Platform", "CZeroMQ"]),
    module("RunDirectory", ["Platform", "Checkpoints"]),
    // Of Training, the settings alone; of Service, what reads requests without the server.
    module("Configuration", ["MetaLearning", "TrainingData", .product(name: "Yams", package: "Yams")]),
    module("HTTPParsers", ["Platform"]),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Configuration", "HTTPParsers", "RunDirectory", "Transport", "Messages", "Checkpoints", "BlurKernels",
        "Imaging", "Numerics", "Platform", "CHEIF",
      ], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
