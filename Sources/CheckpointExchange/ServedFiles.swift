import Checkpoints
import Foundation
import Messages
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

  /// Part of a file, as it is sent; nil where the file is not loaded or ends before.
  mutating func chunk(_ range: PublisherRequest.ChunkRange) throws(TransportError) -> SharedMessage? {
    uses += 1
    contents[range.file]?.lastUsed = uses
    guard let content = contents[range.file], range.offset < content.bytes.count else { return nil }
    // Others than the usual chunks are made anew, or a peer could have the memory filled with them.
    let isUsual = range.length == usualChunk && range.offset % usualChunk == 0
    if isUsual, let made = content.chunks[range.offset] { return made }
    let end = min(range.offset + range.length, content.bytes.count)
    let message = try SharedMessage(
      content.bytes[range.offset..<end].withUnsafeBytes { PublisherReply.chunk(range.file, range.offset, $0) }
    )
    if isUsual { contents[range.file]?.chunks[range.offset] = message }
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

/// Bytes of a file that travel in one message: large enough that messages cost nothing, small enough that a slow line
/// shows progress every second.
let usualChunk = 256 << 10
