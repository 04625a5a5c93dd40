import Checkpoints
import Foundation
import Messages
import Platform
import Transport

/// The contents of the files asked for last, in memory, each checked against its hash when it was read: whoever was told
/// of a checkpoint can fetch it although its run has removed it since, and nothing else is ever sent under its hash.
struct ServedFiles {
  private struct Content {
    let bytes: [UInt8]
    /// Ready to send, by offset.
    var chunks: [Int: SharedMessage] = [:]
    var lastUsed: UInt64
  }

  private let limit: Int
  private var contents: [String: Content] = [:]
  private var uses: UInt64 = 0

  /// - Parameter limit: of all contents together, in bytes; the one asked for last stays in any case.
  init(limit: Int) { self.limit = limit }

  /// Has the content ready; false where the file is not there any more, or is another.
  mutating func load(_ item: Catalogue.Item) -> Bool {
    let hash = item.checkpoint.sha256
    uses += 1
    if contents[hash] != nil {
      contents[hash]?.lastUsed = uses
      return true
    }
    guard let bytes = try? Data(contentsOf: URL(filePath: item.path)), (try? SHA256.hex(of: bytes)) == hash
    else {
      return false
    }
    contents[hash] = Content(bytes: Array(bytes), lastUsed: uses)
    evict(keeping: hash)
    return true
  }

  /// A chunk as it is sent; nil where the file is not loaded or ends before.
  mutating func chunk(_ file: String, _ offset: Int) throws(TransportError) -> SharedMessage? {
    uses += 1
    contents[file]?.lastUsed = uses
    guard let content = contents[file], offset < content.bytes.count else { return nil }
    if let made = content.chunks[offset] { return made }
    let end = min(offset + PublisherRequest.chunkSize, content.bytes.count)
    let message = try SharedMessage(
      content.bytes[offset..<end].withUnsafeBytes { PublisherReply.chunk($0, at: offset, of: file) })
    contents[file]?.chunks[offset] = message
    return message
  }

  private mutating func evict(keeping hash: String) {
    while contents.values.reduce(0, { $0 + 2 * $1.bytes.count }) > limit,
      let oldest = contents.filter({ $0.key != hash }).min(by: { $0.value.lastUsed < $1.value.lastUsed })
    {
      contents[oldest.key] = nil
    }
  }
}
