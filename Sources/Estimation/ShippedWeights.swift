import Checkpoints
import Foresight
import Foundation
import Networks
import Platform

/// The project's own weights, one file for each network. The build puts them beside the program, and beside programs
/// that use its libraries.
public enum ShippedWeights {
  /// The files, by their names without `.safetensors`.
  public enum File: String, Sendable, CaseIterable {
    /// The meta-learned generator and discriminator.
    case networks
    /// The networks that predict kernels: for each scale one, and another for pictures with traces of JPEG.
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

  /// The path of a file; nil where it is not there, such as after the program was moved.
  ///
  /// - Parameter folder: the folder to look in; nil for the folder beside the program.
  public static func path(_ file: File, in folder: String? = nil) -> String? {
    let folder =
      folder.map { URL(filePath: $0) } ?? ProgramFolder.resources(of: "Estimation").appending(path: "Weights")
    let path = folder.appending(path: file.rawValue + ".safetensors").path
    return FileManager.default.isReadableFile(atPath: path) ? path : nil
  }

  /// - Throws: `EstimationError.noCheckpoint` where the file is not there, `CheckpointError` where it cannot be used.
  static func open(_ file: File, in folder: String?) throws -> Checkpoint {
    guard let path = path(file, in: folder) else { throw EstimationError.noCheckpoint }
    return try Checkpoint(path: path, anyOf: [file.layout])
  }
}

extension ShippedWeights {
  /// A row of the table of which networks predict which pictures' kernels.
  package struct Route: Sendable {
    package let scale: Int
    /// Whether the row is for pictures with traces of JPEG.
    package let wasJPEG: Bool
    /// The networks whose predictions are averaged.
    package let files: [File]
  }

  /// The table, chosen on held-out pictures (docs/decisions.md).
  package static let routes = [
    Route(scale: 2, wasJPEG: false, files: [.x2, .x2OfJPEGs]),
    Route(scale: 2, wasJPEG: true, files: [.x2OfJPEGs]),
    Route(scale: 4, wasJPEG: false, files: [.x4, .x4OfJPEGs]),
    // The network of scale 2 predicts narrower kernels than the other, more so for coarser JPEGs; the mean is safer.
    Route(scale: 4, wasJPEG: true, files: [.x4OfJPEGs, .x2OfJPEGs]),
  ]
}
