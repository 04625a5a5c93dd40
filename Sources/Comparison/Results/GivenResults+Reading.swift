import BlurKernels
import Foundation
import Imaging
import Platform

extension GivenResults {
  /// Looks through a folder for files named after the pictures of benchmarks (`ResultName`): kernels as .npy, .mat or .png,
  /// enlarged pictures as .png or another picture format. Of one benchmark, results lie in a folder of its name in the
  /// folder, or in the folder itself; of several, each benchmark has a folder of its name.
  ///
  /// Kernels are divided by their sum, converted to the project's convention and brought to the side of the benchmark's
  /// kernels; a note says so. Every file is read once, so that a damaged one is known before anything is measured.
  /// - Throws: `EvaluationError.unusableResults` where no file belongs to any picture.
  public init(_ request: Request, for benches: [Bench]) throws(EvaluationError) {
    guard Folder.kind(of: request.folder) == .folder else {
      throw .unusableResults(name: request.name, folder: request.folder, reason: "there is no such folder")
    }
    var reading = ResultsReading(request)
    for bench in benches { reading.read(bench, isAlone: benches.count == 1) }
    if reading.kernels.isEmpty && reading.pictures.isEmpty && reading.faults.isEmpty {
      throw .unusableResults(
        name: request.name, folder: request.folder, reason: Self.unmatched(benches))
    }
    self.init(
      name: request.name, folder: request.folder, kernels: reading.kernels, pictures: reading.pictures,
      notes: reading.notes, faults: reading.faults)
  }

  private static func unmatched(_ benches: [Bench]) -> String {
    let example = benches.first?.pairs.first?.name ?? "NAME"
    let place =
      benches.count > 1
      ? " in a folder named after its benchmark (\(benches.map(\.name).joined(separator: ", ")))" : ""
    return
      "no file is named after a picture of the benchmark; name kernels \(example).npy, .mat or .png and enlarged "
      + "pictures \(example).png\(place)"
  }
}

/// The files of one `--results` as they are read.
private struct ResultsReading {
  private(set) var kernels: [GivenResults.Place: BlurKernel] = [:]
  private(set) var pictures: [GivenResults.Place: Bench.File] = [:]
  private(set) var notes: [String] = []
  private(set) var faults: [EvaluationError] = []
  private let request: GivenResults.Request

  /// The more exact file first: MATLAB files hold double precision, NumPy's mostly single, PNG 8 bits.
  private static let kernelEndings = ["mat", "npy"]

  init(_ request: GivenResults.Request) { self.request = request }

  mutating func read(_ bench: Bench, isAlone: Bool) {
    let own = FileName.joined(request.folder, bench.name)
    let folder = Folder.kind(of: own) == .folder ? own : isAlone ? request.folder : nil
    guard let folder, let names = try? Folder.names(in: folder) else { return }
    let rule = ResultName(
      pictures: Set(bench.pairs.map(\.name)), scale: bench.scale, method: request.name)
    let files = names.filter { isResult(FileName.ending($0)) && $0.utf8.first != UInt8(ascii: ".") }
    let matched = Dictionary(grouping: files) { rule.picture(of: FileName.stem($0)) }
    if let foreign = matched[nil] { pass(over: foreign, in: folder, bench) }
    var oddities = Oddities(kernels: KernelChanges(side: bench.kernelSide))
    for subject in bench.subjects {
      let paths = (matched[subject.pair.name] ?? []).map { FileName.joined(folder, $0) }
      do throws(EvaluationError) { try read(paths, of: subject, noting: &oddities) } catch {
        faults.append(error)
      }
    }
    notes += (oddities.kernels.notes + oddities.pictures.notes).map {
      "\(request.name), \(bench.name): \($0)"
    }
  }

  /// What the notes on one benchmark's results count.
  private struct Oddities {
    var kernels: KernelChanges
    var pictures = PictureMoves()
  }

  private func isResult(_ ending: String) -> Bool {
    Self.kernelEndings.contains(ending) || Picture.readableExtensions.contains(ending)
  }

  private mutating func pass(over files: [String], in folder: String, _ bench: Bench) {
    let example = FileName.shown(files.min() ?? "")
    notes.append(
      "\(request.name), \(bench.name): passed over \(files.count.counted("file")) named after no picture, such as "
        + "\(FileName.shown(folder))/\(example)")
  }

  private mutating func read(
    _ paths: [String], of subject: Subject, noting oddities: inout Oddities
  ) throws(EvaluationError) {
    let (bench, pair, place) = (subject.bench, subject.pair, subject.place)
    let files = Self.kernelEndings.map { ending in paths.filter { FileName.ending($0) == ending } }
    var kernelPaths = files.first { !$0.isEmpty } ?? []
    var picturePaths: [String] = []
    for path in paths where Picture.readableExtensions.contains(FileName.ending(path)) {
      switch try kind(of: path, pair, hasKernel: !kernelPaths.isEmpty) {
      case .picture: picturePaths.append(path)
      case .kernel: kernelPaths.append(path)
      case .neither: break
      }
    }
    if let path = try single(kernelPaths, what: "kernel", of: pair.name) {
      kernels[place] = try kernel(at: path, for: bench, noting: &oddities.kernels)
    }
    if let path = try single(picturePaths, what: "enlarged picture", of: pair.name) {
      do {
        pictures[place] = Bench.File(path: path, sha256: try SHA256.hex(ofFile: path))
        if let original = pair.highResolution?.path {
          try oddities.pictures.note(path, original, scale: bench.scale, region: pair.region)
        }
      } catch { throw .brokenResult(name: request.name, reason: "\(error)") }
    }
  }

  private enum Kind { case picture, kernel, neither }

  /// An enlarged picture has the original's size, cropped to a multiple of the scale or not, or the size of the part that
  /// is used; a kernel is small and square. The picture of a kernel that lies beside its file, as `estimate` writes it, is
  /// neither.
  private func kind(
    of path: String, _ pair: Bench.Pair, hasKernel: Bool
  ) throws(EvaluationError) -> Kind {
    let size: PictureSize
    do { size = try Picture.read(path).size } catch {
      throw .brokenResult(name: request.name, reason: "\(error)")
    }
    if let original = pair.originalSize,
      [original, pair.enlargedSize, pair.enlargedRegionSize].contains(size)
    {
      return .picture
    }
    if hasKernel { return .neither }
    if size.width == size.height, size.width <= BlurKernel.largestSideInPictures { return .kernel }
    // Kernels alone are compared, so that sizes of pictures are not known.
    guard pair.originalSize != nil else { return .neither }
    throw .brokenResult(
      name: request.name,
      reason: "\(FileName.shown(path)) is \(size.width)x\(size.height) pixels; an enlarged picture of "
        + "\(pair.name) has \(pair.enlargedSize.width)x\(pair.enlargedSize.height), a kernel at most "
        + "\(BlurKernel.largestSideInPictures)x\(BlurKernel.largestSideInPictures)")
  }

  private func single(
    _ paths: [String], what: String, of picture: String
  ) throws(EvaluationError) -> String? {
    if paths.count < 2 { return paths.first }
    let names = paths.map { FileName.shown(FileName.last($0)) }.joined(separator: " and ")
    throw .brokenResult(
      name: request.name,
      reason: "\(FileName.shown(request.folder)) holds \(names) for the \(what) of \(picture); keep one")
  }

  private func kernel(
    at path: String, for bench: Bench, noting changes: inout KernelChanges
  ) throws(EvaluationError) -> BlurKernel {
    let file: BlurKernel
    do { file = try BlurKernel.read(path) } catch {
      throw .brokenResult(name: request.name, reason: "\(error)")
    }
    guard let fitted = changes.fit(file, request.convention, scale: bench.scale) else {
      throw .brokenResult(
        name: request.name,
        reason:
          "\(FileName.shown(path)): nothing is left of the kernel within \(bench.kernelSide)x\(bench.kernelSide) pixels"
      )
    }
    return fitted
  }
}

extension Bench {
  /// The side of the true kernels.
  var kernelSide: Int { BlurKernel.side(scale: scale) }
}

extension Bench.Pair {
  /// The original's size, cropped to a multiple of the scale.
  var enlargedSize: PictureSize {
    originalSize == nil ? size : size.enlarged(by: scale)
  }

  /// The size of the original's part that is used; nil where all of it is.
  var enlargedRegionSize: PictureSize? {
    originalSize == nil ? nil : region?.size.enlarged(by: scale)
  }

  /// As the sizes say.
  private var scale: Int {
    guard let originalSize else { return 1 }
    return min(originalSize.width / max(size.width, 1), originalSize.height / max(size.height, 1))
  }
}
