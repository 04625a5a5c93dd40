// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "EnlargePhoto",
  dependencies: [.package(name: "metakernelgan", path: "../..")],
  targets: [
    .executableTarget(
      name: "EnlargePhoto", dependencies: [.product(name: "Restoration", package: "metakernelgan")],
      path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
