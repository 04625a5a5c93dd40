import BlurKernels
import Checkpoints
import Foundation
import Imaging
import Platform
import Synchronization

extension Bench {
  /// Looks through `folder`, which holds `LR/NAME.png`, `kernel/NAME.mat` (or .npy) and, in it or beside it, `HR/NAME.png`.
  /// Everything is decoded once, so that a damaged file is known before anything is measured.
  ///
  /// - Parameters:
  ///   - name: what reports call it; nil for the folder's own name.
  ///   - highResolution: the folder of the original pictures, if it is elsewhere.
  ///   - scale: 2 or 4; nil takes it from the sizes of the pictures.
  ///   - crop: the most pixels of the originals, a side, that are used, from the middle; nil for whole pictures.
  ///   - noises: what the enlarging is told; empty where kernels alone are compared, and no original picture is needed.
  /// - Throws: `EvaluationError.unusableBench`. Single pictures that cannot be used are `faults`.
  public init(
    folder: String, name: String? = nil, highResolution: String? = nil, scale: Int? = nil,
    crop: Int? = nil, noises: [NoiseLevel]
  ) throws(EvaluationError) {
    let files = try BenchFiles(
      folder: folder, name: name, highResolution: highResolution, noises: noises)
    let found = files.readAll(crop: crop)
    let scale = scale ?? found.compactMap { try? $0.get().scale }.mostFrequent ?? 2
    var pairs: [Pair] = []
    var faults: [EvaluationError] = []
    for result in found {
      do throws(EvaluationError) { pairs.append(try result.get().pair(at: scale, in: files.name)) } catch {
        faults.append(error)
      }
    }
    self.init(
      name: files.name, folder: folder, scale: scale, noises: noises, pairs: pairs, faults: faults,
      notes: files.notes, crop: crop)
  }
}

extension Bench {
  /// What to call benchmarks in these folders: their last part, or their last two where that is not unique.
  public static func names(_ folders: [String]) -> [String] {
    let parts = folders.map { URL(filePath: $0).standardizedFileURL.pathComponents }
    return parts.map { own in
      let isUnique = parts.filter { $0.last == own.last }.count == 1
      return own.suffix(isUnique ? 1 : 2).joined(separator: "/")
    }
  }
}

/// The files of one benchmark by the pictures' names.
private struct BenchFiles: Sendable {
  let name: String
  private let lowResolution, kernels: [String: [String]]
  /// Nil where none are needed.
  private let highResolution: [String: [String]]?
  private let noises: [NoiseLevel]
  /// What was passed over, a sentence a folder.
  private(set) var notes: [String] = []

  private static let pictureEndings: Set = ["png", "jpg", "jpeg"]
  private static let kernelEndings: Set = ["mat", "npy"]

  init(
    folder: String, name: String?, highResolution: String?, noises: [NoiseLevel]
  ) throws(EvaluationError) {
    self.noises = noises
    let url = URL(filePath: folder).standardizedFileURL
    self.name = name ?? url.lastPathComponent
    var notes: [String] = []
    func files(_ part: String, _ endings: Set<String>) throws(EvaluationError) -> [String: [String]] {
      guard let found = Self.files(in: url.appending(path: part).path, endings, notes: &notes) else {
        throw .unusableBench(folder: folder, reason: "it holds no folder '\(part)'")
      }
      return found
    }
    lowResolution = try files("LR", Self.pictureEndings)
    kernels = try files("kernel", Self.kernelEndings)
    self.highResolution =
      noises.isEmpty ? nil : try Self.originals(of: folder, named: highResolution, notes: &notes)
    self.notes = notes
    if lowResolution.isEmpty {
      throw .unusableBench(folder: folder, reason: "its folder 'LR' holds no PNG or JPEG")
    }
  }

  private static func originals(
    of folder: String, named: String?, notes: inout [String]
  ) throws(EvaluationError) -> [String: [String]] {
    let url = URL(filePath: folder).standardizedFileURL
    let places = named.map { [$0] } ?? [url.appending(path: "HR").path, url.appending(path: "../HR").path]
    for place in places { if let found = files(in: place, pictureEndings, notes: &notes) { return found } }
    throw .unusableBench(
      folder: folder,
      reason: named.map { "there is no folder '\($0)'" }
        ?? "no folder 'HR' is in it or beside it; name one with --hr, or measure with --kernels-only")
  }

  /// Paths by the files' names without ending; nil where there is no such folder. Hidden files, such as macOS's `._x.png`,
  /// and links that lead nowhere are passed over.
  private static func files(
    in folder: String, _ endings: Set<String>, notes: inout [String]
  ) -> [String: [String]]? {
    guard let names = try? Folder.names(in: folder) else { return nil }
    let wanted = names.filter { endings.contains(FileName.ending($0)) }
    let kept = wanted.filter {
      $0.utf8.first != UInt8(ascii: ".") && Folder.kind(of: FileName.joined(folder, $0)) != nil
    }
    if kept.count < wanted.count {
      let passed = Set(wanted).subtracting(kept).sorted().map(FileName.shown)
      notes.append("\(FileName.shown(folder)): passed over \(passed.joined(separator: ", "))")
    }
    return Dictionary(grouping: kept.map { FileName.joined(folder, $0) }, by: FileName.stem)
  }

  /// Every name that any of the folders knows, in order.
  func readAll(crop: Int?) -> [Result<PairFound, EvaluationError>] {
    let names = Set(lowResolution.keys).union(kernels.keys).union(highResolution?.keys ?? [:].keys).sorted()
    let results = Mutex<[Int: Result<PairFound, EvaluationError>]>([:])
    DispatchQueue.concurrentPerform(iterations: names.count) { index in
      let result = Result { () throws(EvaluationError) in try read(names[index], crop: crop) }
      results.withLock { $0[index] = result }
    }
    return results.withLock { found in names.indices.compactMap { found[$0] } }
  }

  private func read(_ name: String, crop: Int?) throws(EvaluationError) -> PairFound {
    do {
      let low = try single(name, in: lowResolution, part: "LR")
      let high = try highResolution.map { try single(name, in: $0, part: "HR") }
      let kernel = try BlurKernel.read(try single(name, in: kernels, part: "kernel"))
      let picture = try Picture.read(low)
      var found = PairFound(
        name: name, low: try PictureFound(low, picture),
        high: try high.map { try PictureFound($0, .read($0)) }, kernel: kernel)
      found.crop(to: crop)
      let used = picture.region(found.region)
      found.levels = Dictionary(
        noises.map { ($0, $0.level(self.name, used)) }, uniquingKeysWith: { first, _ in first })
      return found
    } catch { throw .brokenPair(name: "\(self.name)/\(name)", reason: "\(error)") }
  }

  private func single(
    _ name: String, in files: [String: [String]], part: String
  ) throws(Missing) -> String {
    let found = files[name] ?? []
    if let path = found.first, found.count == 1 { return path }
    let names = found.map { FileName.shown(FileName.last($0)) }.joined(separator: " and ")
    throw Missing(
      description: found.isEmpty ? "\(part) does not hold it" : "\(part) holds \(names); keep one")
  }

  private struct Missing: Error, CustomStringConvertible {
    let description: String
  }
}

/// A picture's file and size.
private struct PictureFound: Sendable {
  let file: Bench.File
  let size: PictureSize
  var width: Int { size.width }
  var height: Int { size.height }

  init(_ path: String, _ picture: Picture) throws {
    size = picture.size
    file = Bench.File(path: path, sha256: try SHA256.hex(ofFile: path))
  }
}

/// One name's files, all readable, before it is known whether they fit together.
private struct PairFound: Sendable {
  let name: String
  let low: PictureFound
  let high: PictureFound?
  let kernel: BlurKernel
  var levels: [NoiseLevel: Double] = [:]
  private(set) var region: PicturePart?

  private static let kernelSides = [2: BlurKernel.side(scale: 2), 4: BlurKernel.side(scale: 4)]

  /// What the sizes say; without an original picture, what the kernel's side says.
  var scale: Int? {
    guard let high else { return Self.kernelSides.first { $0.value == kernel.side }?.key }
    return Self.kernelSides.keys.first { high.width / $0 == low.width && high.height / $0 == low.height }
  }

  /// A pair that has no scale is left out later.
  mutating func crop(to side: Int?) {
    guard let side, let scale else { return }
    region = Bench.Pair.region(of: low.size, scale: scale, side: side)
  }

  func pair(at scale: Int, in bench: String) throws(EvaluationError) -> Bench.Pair {
    func require(_ holds: Bool, _ reason: @autoclosure () -> String) throws(EvaluationError) {
      if !holds { throw .brokenPair(name: "\(bench)/\(name)", reason: reason()) }
    }
    if let high {
      try require(
        high.width / scale == low.width && high.height / scale == low.height,
        "LR is \(low.width)x\(low.height) and HR \(high.width)x\(high.height) pixels, which is not scale \(scale)"
      )
    }
    let side = Self.kernelSides[scale] ?? 0
    try require(
      kernel.side == side,
      "its kernel is \(kernel.side)x\(kernel.side), expected \(side)x\(side) at scale \(scale)")
    return Bench.Pair(
      name: name, lowResolution: low.file, highResolution: high?.file, kernel: kernel, levels: levels,
      size: low.size, originalSize: high?.size, region: region)
  }
}

extension Sequence where Element: Hashable & Comparable {
  /// The smallest of the most frequent ones.
  fileprivate var mostFrequent: Element? {
    let counts = Dictionary(map { ($0, 1) }, uniquingKeysWith: +)
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}
