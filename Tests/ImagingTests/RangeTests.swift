import Imaging
import Testing

/// 10- to 14-bit data in 16-bit files must not count as low contrast, and nothing else may change.
@Suite("Range of a picture")
struct RangeTests {
  private static func picture(_ samples: [UInt16]) -> Picture {
    Picture(
      width: samples.count, height: 1, samples: .bits16(tripled(samples)), isGrey: true, orientation: 6,
      iccProfile: [1], notes: ["a note"])
  }

  /// Every largest sample ends in the upper half of the range, and comes back by the same shift.
  @Test func `every largest sample fills the range`() {
    for largest in UInt16(1)...UInt16.max {
      let picture = Self.picture([largest, largest / 3])
      let expanded = words(picture.expandedRange())
      let exponent = picture.rangeExponent
      guard expanded[0] >= 0x8000, expanded[0] >> exponent == largest, expanded[3] >> exponent == largest / 3
      else {
        Issue.record("\(largest): \(expanded), exponent \(exponent)")
        return
      }
    }
  }

  @Test(arguments: [(1023 as UInt16, 6), (4095, 4), (16383, 2), (32767, 1), (32768, 0), (65535, 0)])
  func `exponents of usual depths`(largest: UInt16, exponent: Int) {
    let picture = Self.picture([largest, 1])
    #expect(picture.rangeExponent == exponent)
    #expect((picture.rangeNote == nil) == (exponent == 0))
    #expect(picture.levelStep == Double(1 << exponent) / 65535)
  }

  /// A black picture, one of 8 bits and one of full range stay as they are.
  @Test func `others come back as they are`() {
    for samples in [[0, 0], [65535, 0], [40000, 3]] as [[UInt16]] {
      #expect(Self.picture(samples).expandedRange().samples == Self.picture(samples).samples)
    }
    let dark = Picture(width: 1, height: 1, rgb: [1, 2, 3])
    #expect(dark.rangeExponent == 0 && dark.expandedRange().samples == dark.samples)
    #expect(dark.rangeNote == nil && dark.levelStep == 1 / 255.0)
  }

  /// Levels count as they are spread over the range, in whichever bits they are stored.
  @Test func `the step between levels is found`() {
    func step(_ samples: [UInt16]) -> Double { Self.picture(samples).levelStep }
    #expect(step([4095, 8]) == 16 / 65535.0 && step([4095 << 4, 8 << 4]) == 16 / 65535.0)
    #expect(step([255 * 257, 3 * 257, 257]) == 1 / 255.0)
    #expect(step([0, 65535]) == 1 && step([0, 0]) == 1 / 65535.0)
    #expect(Picture(width: 1, height: 1, rgb: [0, 255, 255]).levelStep == 1)
    #expect(Picture(width: 1, height: 1, rgb: [0, 17, 255]).levelStep == 17 / 255.0)
    #expect(Picture(width: 1, height: 1, rgb: [0, 0, 0]).levelStep == 1 / 255.0)
  }

  @Test func `what goes with the picture stays`() {
    let expanded = Self.picture([100, 2]).expandedRange()
    #expect(expanded.isGrey && expanded.orientation == 6 && expanded.iccProfile == [1])
    #expect(expanded.notes == ["a note"] && expanded.width == 2 && expanded.height == 1)
  }
}
