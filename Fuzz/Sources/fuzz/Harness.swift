import Foundation

/// One parser and what is fed to it.
struct FuzzTarget: Sendable {
  let name: String
  /// Bytes of the longest input that is tried.
  var longest = 4096
  /// Inputs to begin with, made by the program itself.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// Whatever it throws is an answer; a trap, a failed `expect` or a sanitizer's report is a finding.
  let run: @Sendable (UnsafeRawBufferPointer) throws -> Void

  static let all: [FuzzTarget] =
    messageTargets + checkpointTargets + kernelTargets + pictureTargets + textTargets + folderTargets

  /// The one that the environment names in FUZZ_TARGET.
  static let chosen: FuzzTarget? = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"]
    return all.first { $0.name == name }
  }()
}

/// What must hold of whatever was parsed.
func expect(_ condition: Bool, _ what: StaticString) {
  precondition(condition, "\(what)")
}

/// Before libFuzzer begins: FUZZ_SEEDS names a folder that the target's seeds are written to; without a target, the names of
/// all and the longest input of each are printed.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  guard let target = FuzzTarget.chosen else {
    for target in FuzzTarget.all { print(target.name, target.longest) }
    exit(0)
  }
  guard let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return 0 }
  do {
    for (number, seed) in try target.seeds().enumerated() {
      try Data(seed).write(to: URL(filePath: "\(folder)/seed-\(number)"))
    }
  } catch {
    print("\(target.name): no seeds: \(error)")
    exit(1)
  }
  exit(0)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  try? FuzzTarget.chosen?.run(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}

extension UnsafeRawBufferPointer {
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// A file for parsers that read files, the same one for every input; its folder goes with the process.
struct ScratchFile {
  static let folder: String = {
    var template = Array("\(NSTemporaryDirectory())/fuzz-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return NSTemporaryDirectory() }
    atexit { try? FileManager.default.removeItem(atPath: ScratchFile.folder) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  let path: String

  init(_ name: String, in folder: String = Self.folder) { path = "\(folder)/\(name)" }

  func put(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    expect(write(file, bytes, bytes.count) == bytes.count, "the scratch file can be written")
  }
}
