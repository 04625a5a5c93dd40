import Foundation
import PackagePlugin

/// Writes `SourceVersion.hash`, by which two programs of one release are told apart, whenever a source file changes. Works
/// without git, as in a tarball.
@main
struct SourceVersion: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL.appending(path: "SourceVersion.swift")
    let sources = FileManager.default.enumerator(
      at: root.appending(path: "Sources"), includingPropertiesForKeys: [.isRegularFileKey])
    let files = (sources?.compactMap { $0 as? URL } ?? []).filter {
      (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
    }
    return [
      .buildCommand(
        displayName: "Hashing the sources", executable: try context.tool(named: "SourceHash").url,
        arguments: [root.path, output.path], inputFiles: files + [root.appending(path: "Package.swift")],
        outputFiles: [output])
    ]
  }
}
