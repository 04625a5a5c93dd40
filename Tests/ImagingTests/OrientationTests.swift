import Imaging
import Testing

@Suite("Orientation")
struct OrientationTests {
  /// The letter F, upright, as it is stored under each orientation (EXIF 2.32, 4.6.4: where row 0 and column 0 lie).
  static let stored: [(orientation: Int, rows: [String])] = [
    (1, ["###", "#..", "##.", "#..", "#.."]), (2, ["###", "..#", ".##", "..#", "..#"]),
    (3, ["..#", "..#", ".##", "..#", "###"]), (4, ["#..", "#..", "##.", "#..", "###"]),
    (5, ["#####", "#.#..", "#...."]), (6, ["#....", "#.#..", "#####"]),
    (7, ["....#", "..#.#", "#####"]), (8, ["#####", "..#.#", "....#"]),
  ]

  static func picture(_ rows: [String], _ orientation: Int?) -> Picture {
    let levels = rows.joined().map { $0 == "#" ? UInt16.max : 0 }
    return Picture(
      width: rows[0].count, height: rows.count, samples: .bits16(levels.flatMap { [$0, $0, $0] }),
      isGrey: true, orientation: orientation, iccProfile: [1])
  }

  @Test(arguments: stored)
  func `every orientation comes upright`(orientation: Int, rows: [String]) {
    let upright = Self.picture(rows, orientation).upright()
    let expected = Self.picture(Self.stored[0].rows, 1)
    #expect(upright.samples == expected.samples)
    #expect(upright.width == 3 && upright.height == 5)
    #expect(upright.iccProfile == [1] && upright.isGrey && (upright.orientation ?? 1) == 1)
  }
}
