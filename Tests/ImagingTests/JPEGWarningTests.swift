import Imaging
import Support
import Testing

/// What libjpeg passes over without loss is read; lost data is not.
@Suite struct JPEGWarningTests {
  private static let picture = Picture(
    width: 40, height: 24,
    rgb: (0..<2880).map { (index: Int) -> UInt8 in UInt8(index / 3 % 40 * 5 + index % 3 * 9) })

  private func jpeg() throws -> [UInt8] { try Self.picture.encodeJPEG(quality: 90) }

  private func place(_ marker: UInt8, in jpeg: [UInt8]) throws -> Int {
    try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == marker })
  }

  private func expectHarmless(_ changed: [UInt8], _ note: String) throws {
    let (read, plain) = (try Picture.decode(changed, name: "x"), try Picture.decode(jpeg(), name: "x"))
    #expect(read.samples == plain.samples && plain.notes.isEmpty)
    #expect(read.notes.count == 1 && read.notes[0].contains(note), "\(read.notes)")
  }

  @Test func `scan parameters of another kind are passed over`() throws {
    var changed = try jpeg()
    let scan = try place(0xDA, in: changed)
    let end = scan + 2 + Int(changed[scan + 3])  // Ss, Se, Ah and Al are the last three bytes
    changed.replaceSubrange(end - 3..<end, with: [0, 0, 0])
    try expectHarmless(changed, "scan header")
  }

  @Test func `stray bytes before a table or the end are passed over`() throws {
    let plain = try jpeg()
    for marker in [0xDB, 0xC4] as [UInt8] {
      var changed = plain
      changed.insert(contentsOf: [0, 0, 3], at: try place(marker, in: plain))
      try expectHarmless(changed, "stray")
    }
    var padded = plain
    padded.insert(contentsOf: [UInt8](repeating: 0, count: 64), at: plain.count - 2)
    try expectHarmless(padded, "stray")
  }

  @Test func `a later JFIF is read`() throws {
    var changed = try jpeg()
    changed[11] = 2
    try expectHarmless(changed, "JFIF")
  }

  @Test func `an odd Adobe transform is passed over`() throws {
    let adobe = Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 7]
    // Without JFIF's, which would settle the colours.
    try expectHarmless(JPEGFixture.inserting(0xEE, adobe, in: jpeg(), droppingJFIF: true), "transform")
  }

  @Test func `a harmless warning does not hide damage behind it`() throws {
    var changed = try Picture(width: 40, height: 40, rgb: pseudoRandomBytes(4_800)).encodeJPEG(quality: 90)
    changed.insert(contentsOf: [0, 0], at: try place(0xDB, in: changed))
    changed.removeSubrange(changed.count - 500..<changed.count - 2)
    let error = #expect(throws: PictureError.self) { try Picture.decode(changed, name: "x") }
    #expect(error?.description.contains("damaged JPEG") == true)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `the collected files are those of the plain one`() throws {
    func path(_ name: String) -> String { SharedData.root.appending(path: "cases/\(name).jpg").path }
    let plain = try Picture.read(path("plain"))
    for name in ["sos_params", "extra_before_dqt", "pad_before_eoi", "jfif_2_01"] {
      let read = try Picture.read(path(name))
      #expect(read.samples == plain.samples && read.notes.count == 1, "\(name)")
    }
  }
}
