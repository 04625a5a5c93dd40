import BlurKernels
import Foundation
import Imaging

/// Parts of pictures side by side, for a page.
public struct Gallery: Sendable {
  /// By the benchmarks' names.
  let strips: [String: [Strip]]

  /// One picture: low resolution, every way of enlarging it, the original.
  struct Strip: Sendable {
    let name: String
    let cells: [Cell]
  }

  struct Cell: Sendable {
    let caption: String
    /// Figures of this very picture.
    let details: [String]
    /// PNG.
    let picture: Data?
    let kernel: Data?
  }

  /// Most pictures of one benchmark, so that a page stays a few megabytes.
  static let most = 14

  /// For reports without pictures.
  public static let empty = Gallery(strips: [:])
}

extension Evaluation {
  /// Reads the crops that the measuring left; a file that is gone by now leaves its cell without a picture.
  public func gallery(from ledger: Ledger) -> Gallery {
    Gallery(
      strips: Dictionary(
        benches.map { bench in (bench.name, spread(bench.subjects).map { strip(of: $0, in: ledger) }) },
        uniquingKeysWith: { first, _ in first }))
  }

  /// All pictures, or as many evenly spread over their names.
  private func spread(_ subjects: [Subject]) -> [Subject] {
    let count = min(subjects.count, Gallery.most)
    return (0..<count).map { subjects[$0 * subjects.count / count] }
  }

  private func strip(of subject: Subject, in ledger: Ledger) -> Gallery.Strip {
    let (bench, pair) = (subject.bench, subject.pair)
    func cell(_ caption: String, kernel: BlurKernel?, told: Told?) -> Gallery.Cell {
      self.cell(caption, pair, kernel: kernel, image: imageKey(of: subject, told: told), in: ledger)
    }
    let ends = ends(of: subject)
    let found = kernels(of: subject, in: ledger).flatMap(\.kernels).filter(\.isShown).flatMap { kernel in
      bench.settings.map { noise in
        cell(
          bench.label(kernel.row, noise), kernel: kernel.kernel,
          told: told(by: kernel, of: subject, noise: noise))
      }
    }
    let own = ownPictures(of: subject, in: ledger).filter(\.isShown).map {
      self.cell($0.row, pair, kernel: nil, image: $0.key, in: ledger)
    }
    let truth =
      enlarging == nil
      ? [cell(Row.trueKernel, kernel: pair.kernel, told: nil)]
      : bench.noises.map {
        cell(bench.trueKernelLabel($0), kernel: pair.kernel, told: Told(truthOf: pair, noise: $0))
      }
    let baseline = enlarging == nil ? [] : [cell(Row.bicubic, kernel: nil, told: nil)]
    return Gallery.Strip(name: pair.name, cells: ends.low + baseline + found + own + truth + ends.high)
  }

  private func ends(of subject: Subject) -> (low: [Gallery.Cell], high: [Gallery.Cell]) {
    let (bench, pair) = (subject.bench, subject.pair)
    guard enlarging != nil, let original = pair.highResolution,
      let whole = try? Picture.read(original.path).cropped(toMultipleOf: bench.scale),
      let low = try? Picture.read(pair.lowResolution.path).region(pair.region)
    else { return ([], []) }
    let high = whole.region(pair.region?.enlarged(by: bench.scale))
    let part = ShownPart(of: high, scale: bench.scale)
    func cell(_ caption: String, _ picture: Picture) -> [Gallery.Cell] {
      [Gallery.Cell(caption: caption, details: [], picture: Self.png(picture), kernel: nil)]
    }
    return (
      cell("low resolution", low.part(part.reduced(by: bench.scale))), cell("original", high.part(part))
    )
  }

  /// - Parameter key: of the enlarged picture, where there is one.
  private func cell(
    _ caption: String, _ pair: Bench.Pair, kernel: BlurKernel?, image key: String?, in ledger: Ledger
  ) -> Gallery.Cell {
    let white = pair.kernel.values.max() ?? 1
    let image = key.flatMap(ledger.image)
    let kernelPSNR = kernel.flatMap { try? $0.psnr(against: pair.kernel) }
    let figures = [
      image.map { "\($0.psnr.text(2)) dB" },
      kernelPSNR.flatMap { $0.isFinite ? "kernel \($0.text(1)) dB" : nil },
    ]
    return Gallery.Cell(
      caption: caption, details: figures.compactMap { $0 },
      picture: key.flatMap { try? Data(contentsOf: URL(filePath: cropPath($0))) },
      kernel: kernel.flatMap { Self.png($0.picture(cell: 1, white: white)) })
  }

  private static func png(_ picture: Picture) -> Data? { (try? picture.encodePNG()).map { Data($0) } }
}
