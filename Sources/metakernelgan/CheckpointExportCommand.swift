import ArgumentParser
import Checkpoints
import Foresight
import Foundation
import Networks
import Platform

extension CheckpointCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a checkpoint's parameters alone, a third of the size: what estimating needs.",
      discussion: """
        A checkpoint holds one or both of two parts: networks (generator and discriminator) and prediction (the network \
        that predicts kernels). Both are written unless --part names one. Equal checkpoints give equal bytes; the training's \
        settings stay in the metadata.
        """)

    enum Part: String, ExpressibleByArgument, CaseIterable { case networks, prediction }

    @Argument(help: "A checkpoint (safetensors).", completion: .file()) var file: String
    @Argument(help: "The file to write.", completion: .file()) var out: String

    @Option(help: "Write this part alone: networks, prediction. (default: all that the checkpoint holds)")
    var part: Part?

    @Option(
      help:
        "Copy the generator and discriminator from this checkpoint; the prediction network comes from the first.",
      completion: .file())
    var networks: String?

    @Flag(help: "Round the prediction network to half precision.") var half = false

    func validate() throws {
      if part != nil, networks != nil {
        throw ValidationError("--networks writes both parts; leave out --part.")
      }
    }

    func run() throws {
      let first = try open(file, needing: part ?? (networks == nil ? nil : .prediction))
      let second = try networks.map { try open($0, needing: .networks) }
      var metadata = first.metadata.filter { $0.key != "sha256" && $0.key != "format" }
      metadata["source_sha256"] = first.sha256
      if let second { metadata["networks_sha256"] = second.sha256 }
      var tensors: [String: SafeTensors.Tensor] = [:]
      if part != .prediction, let networks = (second ?? first).networks { tensors = networks.tensors }
      if part != .networks, let prediction = first.prediction {
        tensors.merge(prediction.tensors(halved: half)) { own, _ in own }
      }
      do { try SafeTensors(tensors: tensors, metadata: metadata).write(to: out) } catch {
        throw Exit.because("\(error)", Exit.cannotCreate)
      }
      print("\(out) sha256 \(try SHA256.hex(ofFile: out))")
    }

    /// - Parameter part: what the file must hold; nil where either part will do.
    private func open(_ file: String, needing part: Part?) throws -> Checkpoint {
      let checkpoint: Checkpoint
      do { checkpoint = try Checkpoint(path: file, anyOf: [.networks, .prediction]) } catch {
        throw Exit.because("\(error)", Exit.data)
      }
      guard let part, !checkpoint.holds(part.layout) else { return checkpoint }
      throw Exit.because("\(file): holds no \(part.name); name a checkpoint that does", Exit.data)
    }
  }
}

extension CheckpointCommand.Export.Part {
  fileprivate var layout: Checkpoint.Layout {
    switch self {
    case .networks: .networks
    case .prediction: .prediction
    }
  }

  fileprivate var name: String {
    switch self {
    case .networks: "generator and discriminator"
    case .prediction: "prediction network"
    }
  }
}
