/// What people take for a safetensors file, told by its first bytes.
public enum OtherFormat: Sendable, Equatable {
  /// The text file that stands for a large file in a Git LFS repository.
  case gitLFSPointer
  case webPage
  /// A PyTorch checkpoint of version 1.6 or later; NumPy's .npz is one, too.
  case zipArchive
  /// An older PyTorch checkpoint, or any other Python object.
  case pickle

  /// - Parameter bytes: the first of the file, 64 at least where it has so many. Nil for a safetensors file and for what
  ///   is not known: whatever stands before, a safetensors header begins with a brace at byte 8.
  init?(beginning bytes: [UInt8]) {
    guard bytes.count > 8, bytes[8] != UInt8(ascii: "{") else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
      .lowercased()
    if text.hasPrefix("version https://git-lfs") {
      self = .gitLFSPointer
    } else if ["<!doctype", "<html", "<head", "<?xml"].contains(where: text.hasPrefix) {
      self = .webPage
    } else if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
      self = .zipArchive
    } else if bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      // The opcode PROTO and the protocol's number.
      self = .pickle
    } else {
      return nil
    }
  }

  var whatItIs: String {
    switch self {
    case .gitLFSPointer: "a Git LFS pointer, which only names the file"
    case .webPage: "a web page, such as a login or an error page saved in the file's place"
    case .zipArchive: "a zip archive, as PyTorch writes checkpoints (.pt, .pth)"
    case .pickle: "a Python pickle, as older versions of PyTorch write checkpoints (.pt, .pth)"
    }
  }

  var whatToDo: String {
    switch self {
    case .gitLFSPointer: "fetch the file itself with git lfs pull"
    case .webPage: "fetch the file itself from the page's download link"
    case .zipArchive, .pickle:
      "convert it with scripts/convert_checkpoint.py FILE OUT.safetensors, or USRNet's with scripts/convert_usrnet.py"
    }
  }
}
