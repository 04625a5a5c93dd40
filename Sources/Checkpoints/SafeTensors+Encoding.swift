import Foundation
import Platform

extension SafeTensors {
  /// The content of the file. Equal tensors and metadata give equal bytes: everything is sorted by name,
  /// and spaces bring the header to a multiple of eight bytes.
  ///
  /// - Precondition: no tensor is named `__metadata__`.
  public func encoded() throws -> [UInt8] {
    precondition(tensors["__metadata__"] == nil, "__metadata__ is no name for a tensor")
    let ordered = tensors.sorted { $0.key < $1.key }
    var header = Array(try headerFields(ordered).utf8)
    header += Array(repeating: UInt8(ascii: " "), count: -header.count & 7)
    return littleEndian(CollectionOfOne(UInt64(header.count))) + header + ordered.flatMap(\.value.bytes)
  }

  /// Writes the file by `writeAtomically`.
  ///
  /// - Throws: `CheckpointError.refused`.
  public func write(to path: String) throws { try writeAtomically(encoded(), to: path) }

  private func headerFields(_ ordered: [(key: String, value: Tensor)]) throws -> String {
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.sorted { $0.key < $1.key }.map { try "\(json($0.key)):\(json($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var begin = 0
    for (name, tensor) in ordered {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = begin + tensor.bytes.count
      fields.append(
        try json(name) + #":{"dtype":"\#(tensor.type.rawValue)","shape":[\#(shape)],"#
          + #""data_offsets":[\#(begin),\#(end)]}"#)
      begin = end
    }
    return "{\(fields.joined(separator: ","))}"
  }

  /// One JSON string; the encoder is trusted with the escapes, but not with the order of objects.
  private func json(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}
