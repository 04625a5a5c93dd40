import Foundation

extension SafeTensors {
  /// The JSON header of a file. The parser keeps one of several entries of the same name; the bytes of
  /// the others are then a hole, which `checkSpans` finds.
  struct Header: Decodable {
    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [String: Entry] = [:]

    private struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      for key in fields.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try fields.decode([String: String].self, forKey: key)
        } else {
          entries[key.stringValue] = try fields.decode(Entry.self, forKey: key)
        }
      }
    }

    init(json: ArraySlice<UInt8>, file: String) throws {
      guard json.first == UInt8(ascii: "{") else {
        throw CheckpointError.notSafeTensors(file: file, cause: "its header is not a JSON object")
      }
      do {
        self = try JSONDecoder().decode(Header.self, from: Data(json))
      } catch let error as DecodingError {
        throw CheckpointError.notSafeTensors(file: file, cause: "its header is wrong\(error.place)")
      }
    }

    /// Checks that the tensors cover the data from its first byte to its last, without overlap or hole.
    func checkSpans(dataCount: Int, file: String) throws {
      var covered = 0
      let inOrder = entries.sorted { ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end) }
      for (name, entry) in inOrder {
        guard entry.begin == covered else {
          throw CheckpointError.notSafeTensors(
            file: file,
            cause: "tensor \(String(reflecting: name)) begins at byte \(entry.begin) of the data "
              + "where \(covered) is due")
        }
        covered = entry.end
      }
      guard covered <= dataCount else {
        throw CheckpointError.truncated(file: file, part: .data, expected: covered, actual: dataCount)
      }
      guard covered == dataCount else {
        throw CheckpointError.notSafeTensors(
          file: file, cause: "\(dataCount - covered) bytes follow its last tensor")
      }
    }
  }
}

extension SafeTensors.Header {
  /// What the header says of one tensor: a type, a shape, and the bytes of the data from `begin` up to `end`, as many as
  /// type and shape ask for.
  struct Entry: Decodable {
    /// Nil for a type that this program does not know, whose shape nothing is held to.
    let type: SafeTensors.ElementType?
    let typeName: String
    let shape: [Int]
    let begin: Int
    let end: Int

    private enum Field: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Field.self)
      func broken(_ field: Field, _ why: String) -> DecodingError {
        .dataCorruptedError(forKey: field, in: fields, debugDescription: why)
      }
      let typeName = try fields.decode(String.self, forKey: .dtype)
      guard typeName.wholeMatch(of: /[A-Z][A-Z0-9_]{0,15}/) != nil else {
        throw broken(.dtype, "this program does not read \(String(reflecting: typeName))")
      }
      let type = SafeTensors.ElementType(rawValue: typeName)
      let offsets = try fields.decode([Int].self, forKey: .offsets)
      guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
        throw broken(.offsets, "\(offsets) is no range")
      }
      let shape = try fields.decode([Int].self, forKey: .shape)
      guard type.map({ Self.byteCount($0, shape) == offsets[1] - offsets[0] }) ?? true else {
        throw broken(.shape, "\(typeName) of shape \(shape) does not fill the bytes \(offsets)")
      }
      (self.type, self.typeName, self.shape) = (type, typeName, shape)
      (begin, end) = (offsets[0], offsets[1])
    }

    private static func byteCount(_ type: SafeTensors.ElementType, _ shape: [Int]) -> Int? {
      shape.reduce(type.size) { count, side in
        guard let count, side >= 0 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: side)
        return overflow ? nil : product
      }
    }
  }
}

extension DecodingError {
  /// Where the JSON went wrong and how, in words that continue "its header is wrong".
  fileprivate var place: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      let path = context.codingPath.map { String(reflecting: $0.stringValue) }.joined(separator: " ")
      let cause = context.debugDescription.trimmingCharacters(in: CharacterSet(charactersIn: "."))
      return (path.isEmpty ? ": " : " at \(path): ") + cause
    @unknown default: return ""
    }
  }
}
