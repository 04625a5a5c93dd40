import Checkpoints
import Foresight
import Foundation
import Networks
import Platform

/// The project's own weights, which the build puts beside the program (and beside programs that use its libraries): one
/// file a network.
public enum ShippedWeights {
  public enum File: String, Sendable, CaseIterable {
    /// The meta-learned generator and discriminator.
    case networks
    /// The networks that predict kernels, one for each scale and one for each scale's pictures that were JPEGs.
    case x2
    case x2OfJPEGs = "x2-jpeg"
    case x4
    case x4OfJPEGs = "x4-jpeg"
    /// FKP's prior of the kernels of scale 2.
    case flow = "fkp-x2"

    /// The networks that predict kernels.
    package static let predicting: [File] = [.x2, .x2OfJPEGs, .x4, .x4OfJPEGs]

    fileprivate var layout: Checkpoint.Layout {
      switch self {
      case .networks: .networks
      case .x2, .x2OfJPEGs, .x4, .x4OfJPEGs: .prediction
      case .flow: .flow(scale: 2)
      }
    }
  }

  /// Where the file lies. Nil where the program was moved away from it.
  ///
  /// - Parameter folder: where to look, and nowhere else; nil for the folder beside the program.
  public static func path(_ file: File, in folder: String? = nil) -> String? {
    let folder =
      folder.map { URL(filePath: $0) } ?? ProgramFolder.resources(of: "Estimation").appending(path: "Weights")
    let path = folder.appending(path: file.rawValue + ".safetensors").path
    return FileManager.default.isReadableFile(atPath: path) ? path : nil
  }

  /// - Throws: `EstimationError.noCheckpoint` where it does not lie beside the program, `CheckpointError`.
  static func open(_ file: File, in folder: String?) throws -> Checkpoint {
    guard let path = path(file, in: folder) else { throw EstimationError.noCheckpoint }
    return try Checkpoint(path: path, anyOf: [file.layout])
  }
}

extension ShippedWeights {
  /// A row of the table that says which networks predict which picture's kernel.
  package struct Route: Sendable {
    package let scale: Int
    package let wasJPEG: Bool
    /// The mean of their predictions is taken.
    package let files: [File]
  }

  /// Held-out pictures chose the rows (docs/decisions.md).
  package static let routes = [
    Route(scale: 2, wasJPEG: false, files: [.x2, .x2OfJPEGs]),
    Route(scale: 2, wasJPEG: true, files: [.x2OfJPEGs]),
    Route(scale: 4, wasJPEG: false, files: [.x4, .x4OfJPEGs]),
    // The network of scale 2 predicts narrower kernels, the more so the coarser the JPEG; the mean is safer than either.
    Route(scale: 4, wasJPEG: true, files: [.x4OfJPEGs, .x2OfJPEGs]),
  ]
}
