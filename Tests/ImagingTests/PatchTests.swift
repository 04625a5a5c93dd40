import Imaging
import Testing

@Suite struct PatchTests {
  private let picture = Picture(width: 7, height: 5, rgb: pseudoRandomBytes(105))

  @Test func `a patch reads around the picture's edges`() {
    for (top, left, height, width) in [(0, 0, 5, 7), (-3, -9, 4, 6), (4, 6, 12, 15), (-20, 30, 2, 3)] {
      let values = patch(picture, top: top, left: left, height: height, width: width)
      for channel in 0..<3 {
        for row in 0..<height {
          for column in 0..<width {
            let expected = picture[modulo(top + row, 5), modulo(left + column, 7), channel]
            #expect(values[(channel * height + row) * width + column] == Float(expected))
          }
        }
      }
    }
  }

  @Test func `sixteen-bit samples come in the same unit`() {
    let deep = Picture(width: 1, height: 1, samples: .bits16([65535, 0, 13107]))
    #expect(patch(deep, top: 0, left: 0, height: 1, width: 1) == [1, 0, 0.2])
  }

  @Test func `padding repeats the picture from the top left`() {
    let padded = picture.padded(toAtLeast: 16)
    #expect(padded.width == 16 && padded.height == 16)
    #expect(
      patch(padded, top: 0, left: 0, height: 16, width: 16)
        == patch(picture, top: 0, left: 0, height: 16, width: 16))
    let wide = Picture(width: 20, height: 2, samples: .bits16([UInt16](0..<120)), isGrey: true)
    let tall = wide.padded(toAtLeast: 8)
    #expect(tall.width == 20 && tall.height == 8 && tall.isGrey)
    #expect(
      patch(tall, top: 0, left: 0, height: 8, width: 20) == patch(wide, top: 0, left: 0, height: 8, width: 20)
    )
    #expect(picture.padded(toAtLeast: 5).samples == picture.samples)
  }

  private func modulo(_ value: Int, _ length: Int) -> Int { (value % length + length) % length }

  private func patch(_ picture: Picture, top: Int, left: Int, height: Int, width: Int) -> [Float] {
    patchValues(picture, top: top, left: left, height: height, width: width)
  }
}

/// `Picture.patch` into an array.
func patchValues(_ picture: Picture, top: Int, left: Int, height: Int, width: Int) -> [Float] {
  [Float](unsafeUninitializedCapacity: 3 * height * width) { buffer, count in
    guard let values = buffer.baseAddress else { return }
    picture.patch(top: top, left: left, height: height, width: width, into: values)
    count = 3 * height * width
  }
}
