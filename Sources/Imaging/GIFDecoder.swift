internal import CGIF

/// Decodes the first frame of a GIF with giflib.
final class GIFDecoder: PictureDecoder {
  static let format = "GIF"

  /// What giflib reads from.
  private final class Source {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    func read(into out: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
      let taken = min(count, bytes.count - position)
      guard taken > 0, let start = bytes.baseAddress else { return 0 }
      out.update(from: start + position, count: taken)
      position += taken
      return taken
    }
  }

  private let source: Source
  private let file: UnsafeMutablePointer<GifFileType>
  private let name: String
  private var transparentIndex: Int?

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    source = Source(bytes)
    var code: Int32 = 0
    let file = DGifOpen(
      Unmanaged.passUnretained(source).toOpaque(),
      { file, out, count in
        guard let file, let out, let user = file.pointee.UserData, count > 0 else { return 0 }
        return Int32(
          Unmanaged<Source>.fromOpaque(user).takeUnretainedValue().read(into: out, count: Int(count)))
      }, &code)
    guard let file else { throw Self.damage(name, code) }
    (self.file, self.name) = (file, name)
    try readToImage()
  }

  deinit {
    var code: Int32 = 0
    DGifCloseFile(file, &code)
  }

  private var frame: GifImageDesc { file.pointee.Image }

  /// The screen, and what of the frame lies beyond it.
  var layout: PictureLayout {
    PictureLayout(
      size: PictureSize(
        width: max(Int(file.pointee.SWidth), Int(frame.Left) + Int(frame.Width)),
        height: max(Int(file.pointee.SHeight), Int(frame.Top) + Int(frame.Height))),
      hasAlpha: true, workingBytes: 1)
  }

  /// Reads up to the first image, and which of its colours is transparent (GIF89a, 23).
  private func readToImage() throws(PictureError) {
    var type = UNDEFINED_RECORD_TYPE
    while true {
      try check(DGifGetRecordType(file, &type))
      switch type {
      case IMAGE_DESC_RECORD_TYPE: return try check(DGifGetImageDesc(file))
      case EXTENSION_RECORD_TYPE: try readExtension()
      default: throw .damaged(name: name, format: Self.format, reason: "it holds no image")
      }
    }
  }

  private func readExtension() throws(PictureError) {
    var code: Int32 = 0
    var block: UnsafeMutablePointer<GifByteType>?
    try check(DGifGetExtension(file, &code, &block))
    while let current = block {
      if code == GRAPHICS_EXT_FUNC_CODE && current[0] == 4 {
        transparentIndex = current[1] & 1 == 1 ? Int(current[4]) : nil
      }
      try check(DGifGetExtensionNext(file, &block))
    }
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    let (width, height) = (layout.size.width, layout.size.height)
    let colours = try colours()
    var rows = PictureRows<UInt8>(width: width, height: height)
    let line = [UInt8](repeating: 0, count: 4 * width)  // nothing shows beside the frame
    let (left, top) = (Int(frame.Left), Int(frame.Top))
    let frameRows = top..<top + Int(frame.Height)
    let isWhole = left == 0 && Int(frame.Width) == width && frameRows == 0..<height
    if !isWhole { for row in 0..<height { store(line, row: row, from: 0, in: &rows) } }
    var indices = [GifPixelType](repeating: 0, count: Int(frame.Width))
    for row in rowOrder {
      try check()
      try self.check(DGifGetLine(file, &indices, frame.Width))
      store(indices.flatMap { colours[Int($0)] }, row: top + row, from: left, in: &rows)
    }
    let transparency = rows.transparency { .bits8($0) }
    return Picture(
      width: width, height: height, samples: .bits8(rows.samples), transparency: transparency,
      notes: (hasMoreFrames ? ["the first frame of an animation was read"] : [])
        + (transparency == nil ? [] : [Picture.laidOnWhiteNote]))
  }

  private func store(_ line: [UInt8], row: Int, from left: Int, in rows: inout PictureRows<UInt8>) {
    line.withUnsafeBufferPointer {
      rows.store($0, row: row, columns: stride(from: left, to: left + line.count / 4, by: 1), hasAlpha: true)
    }
  }

  /// Red, green, blue and alpha of every index; indices beyond the table are black.
  private func colours() throws(PictureError) -> [[UInt8]] {
    guard let table = frame.ColorMap ?? file.pointee.SColorMap, let entries = table.pointee.Colors else {
      throw .damaged(name: name, format: Self.format, reason: "it has no table of colours")
    }
    return (0..<256).map { index in
      guard index < Int(table.pointee.ColorCount) else { return [0, 0, 0, 255] }
      let colour = entries[index]
      return [colour.Red, colour.Green, colour.Blue, index == transparentIndex ? 0 : 255]
    }
  }

  /// The rows in the order of the file (GIF89a, appendix E).
  private var rowOrder: [Int] {
    let height = Int(frame.Height)
    if !frame.Interlace { return Array(0..<height) }
    return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0.0, to: height, by: $0.1)) }
  }

  private var hasMoreFrames: Bool {
    var type = UNDEFINED_RECORD_TYPE
    while DGifGetRecordType(file, &type) == GIF_OK {
      if type == IMAGE_DESC_RECORD_TYPE { return true }
      if type != EXTENSION_RECORD_TYPE { return false }
      do { try readExtension() } catch { return false }
    }
    return false
  }

  private func check(_ code: Int32) throws(PictureError) {
    if code != GIF_OK { throw Self.damage(name, file.pointee.Error) }
  }

  private static func damage(_ name: String, _ code: Int32) -> PictureError {
    let reason = GifErrorString(code).map { String(cString: $0) } ?? "the file is cut short"
    return .damaged(name: name, format: format, reason: reason)
  }
}
