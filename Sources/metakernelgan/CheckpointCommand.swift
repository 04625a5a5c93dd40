import ArgumentParser
import Checkpoints
import Foresight
import Foundation
import MetaLearning
import Networks
import Platform

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Look at checkpoint files.",
    subcommands: [Inspect.self, Verify.self, Diff.self, Export.self])

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a checkpoint's hash, what it says of itself, and its tensors.")

    @Argument(help: "A checkpoint (safetensors).", completion: .file()) var file: String

    func run() throws {
      let content = try read(file)
      print("sha256 \(try SHA256.hex(ofFile: file))")
      for (key, value) in content.metadata.sorted(by: { $0.key < $1.key }) { print("\(key): \(value)") }
      for (name, tensor) in content.tensors.sorted(by: { $0.key < $1.key }) {
        print("\(name) \(tensor.type.rawValue) \(tensor.shape)\(try summary(of: tensor, name, in: content))")
      }
      for (name, type) in content.unread.sorted(by: { $0.key < $1.key }) {
        print("\(name) \(type), not read")
      }
    }

    private func summary(
      of tensor: SafeTensors.Tensor, _ name: String, in content: SafeTensors
    ) throws -> String {
      guard tensor.type.isFloats else { return "" }
      let values = try content.floats(name)
      let length = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return String(format: " norm %.6g, from %.4g to %.4g", length, values.min() ?? 0, values.max() ?? 0)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that checkpoints are whole: the format, every parameter, and a training's own hash.",
      discussion: "Exit codes: 0 all are good; 65 some is not.")

    @Argument(help: "Checkpoints (safetensors).", completion: .file()) var files: [String]

    func run() throws {
      var isGood = true
      for file in files {
        do { print("\(file): \(try verdict(file))") } catch {
          Console.complain("\(error)")
          isGood = false
        }
      }
      if !isGood { throw Exit.data }
    }

    private func verdict(_ file: String) throws -> String {
      let checkpoint = try Checkpoint(path: file, anyOf: [.networks, .prediction])
      if !checkpoint.holds(.networks) {
        return "a good prediction network, without generator and discriminator"
      }
      guard checkpoint.metadata["format"] != nil else { return "good parameters, no training state" }
      let training = try TrainingState.read(file)
      return "good, after \(training.state.step) steps"
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say where two checkpoints differ.",
      discussion: "Exit codes: 0 equal; 1 different; 65 unreadable.")

    @Argument(completion: .file()) var one: String
    @Argument(completion: .file()) var other: String

    func run() throws {
      let (a, b) = (try read(one), try read(other))
      if try SHA256.hex(ofFile: one) == SHA256.hex(ofFile: other) { return print("the same bytes") }
      for key in Set(a.metadata.keys).union(b.metadata.keys).sorted() where a.metadata[key] != b.metadata[key]
      {
        print("\(key): \(a.metadata[key] ?? "-") | \(b.metadata[key] ?? "-")")
      }
      for name in Set(a.tensors.keys).union(b.tensors.keys).sorted() where a.tensors[name] != b.tensors[name]
      {
        print("\(name): \(try difference(a, b, in: name))")
      }
      throw ExitCode(1)
    }

    private func difference(_ a: SafeTensors, _ b: SafeTensors, in name: String) throws -> String {
      guard let x = a.tensors[name], let y = b.tensors[name] else {
        return "only in \(a.tensors[name] == nil ? other : one)"
      }
      guard x.shape == y.shape, x.type == y.type, x.type.isFloats else {
        return "\(x.type.rawValue) \(x.shape) | \(y.type.rawValue) \(y.shape)"
      }
      let pairs = zip(try a.floats(name), try b.floats(name)).map { (Double($0), Double($1)) }
      let error = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      let length = pairs.reduce(0) { $0 + $1.0 * $1.0 }.squareRoot()
      return String(
        format: "%d of %d values differ, norm of the difference %.3g of %.3g",
        pairs.reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }, pairs.count, error, length)
    }
  }
}

/// - Throws: exit code 65 with one line.
private func read(_ file: String) throws -> SafeTensors {
  do { return try SafeTensors(path: file) } catch { throw Exit.because("\(error)", Exit.data) }
}
