import Foundation
import Imaging

/// The image noise, in 8-bit levels, that the enlarging is told of.
public enum NoiseLevel: Sendable, Hashable {
  /// 10 on a benchmark whose name ends in `noise_img`, 0 elsewhere.
  case paper
  case fixed(Double)
  /// Estimated from each picture, and more where the kernel is uncertain.
  case estimated

  func level(_ bench: String, _ picture: Picture) -> Double {
    switch self {
    case .paper: paperLevel(bench)
    case .fixed(let level): level
    case .estimated: picture.enlargingNoise().level
    }
  }

  /// For reports.
  public func description(_ bench: String) -> String {
    switch self {
    case .paper: "\(paperLevel(bench).formatted())/255 (as in the paper)"
    case .fixed(let level): "\(level.formatted())/255"
    case .estimated: "estimated from each picture and kernel"
    }
  }

  /// A word for the labels of rows: the level, or `auto`.
  func word(_ bench: String) -> String {
    switch self {
    case .paper: paperLevel(bench).formatted()
    case .fixed(let level): level.formatted()
    case .estimated: "auto"
    }
  }

  private func paperLevel(_ bench: String) -> Double { bench.hasSuffix("noise_img") ? 10 : 0 }
}
