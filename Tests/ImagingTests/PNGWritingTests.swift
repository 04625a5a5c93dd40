import Foundation
import Imaging
import Support
import Testing

@Suite struct PNGWritingTests {
  @Test func `what is written reads back the same`() throws {
    let folder = try TemporaryFolder()
    let profile = pseudoRandomBytes(5000, seed: 3)
    let grey = tripled(pseudoRandomBytes(35))
    let pictures = [
      Picture(width: 7, height: 5, rgb: pseudoRandomBytes(105)),
      Picture(width: 7, height: 5, samples: .bits8(grey), isGrey: true, iccProfile: profile),
      Picture(width: 7, height: 5, samples: .bits16((0..<105).map { $0 * 600 }), iccProfile: profile),
      Picture(width: 7, height: 5, samples: .bits16(tripled((0..<35).map { $0 * 99 })), isGrey: true),
    ]
    for picture in pictures {
      let path = folder.file("picture.dat").path  // the name says nothing about the format
      try picture.writePNG(path)
      let copy = try Picture.read(path)
      #expect(copy.samples == picture.samples && copy.isGrey == picture.isGrey)
      #expect(copy.width == 7 && copy.height == 5 && copy.iccProfile == picture.iccProfile)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["picture.dat"])
  }

  @Test func `an unwritable place is named with its cause`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("none/out.png").path
    let error = #expect(throws: PictureError.self) {
      try Picture(width: 1, height: 1, rgb: [1, 2, 3]).writePNG(path)
    }
    #expect(error?.description == "cannot write picture '\(path)': No such file or directory")
    let onFolder = #expect(throws: PictureError.self) {
      try Picture(width: 1, height: 1, rgb: [1, 2, 3]).writePNG(folder.url.path)
    }
    #expect(onFolder?.description.hasPrefix("cannot write picture '\(folder.url.path)': ") == true)
  }
}
