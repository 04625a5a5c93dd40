import Checkpoints
import Foundation
import Imaging
import Numerics
import Support
import Testing
import TrainingData

@Suite struct CropDrawTests {
  @Test func `pictures held out are never trained on, all others are`() throws {
    let set = try PictureFolder().open(.deadLeaves(seed: 3, count: 21))
    var random = Philox(key: 5)
    let training = try (0..<5000).map { _ in try set.draw(.training, using: &random).picture }
    let heldOut = try (0..<500).map { _ in try set.draw(.heldOut, using: &random).picture }
    #expect(Set(training).sorted() == set.training)
    #expect(Set(heldOut).sorted() == set.heldOut)
  }

  @Test func `the same key draws the same bytes`() throws {
    let folder = try PictureFolder(["a.png", "b.png", "c.png"])
    func draws() throws -> [[UInt8]] {
      let set = try folder.open()
      return try (0..<UInt64(20)).map {
        var random = Philox(key: 11, stream: $0)
        return try crop(set.draw(.training, using: &random), of: set)
      }
    }
    let first = try draws()
    #expect(try draws() == first)
    #expect(Set(first).count == 20)
  }

  @Test func `a draw takes five numbers`() throws {
    let set = try PictureFolder(["a.png", "b.png", "c.png"]).open()
    var (random, counted) = (Philox(key: 2), Philox(key: 2))
    _ = try set.draw(.training, using: &random)
    for _ in 0..<5 { _ = counted.next() }
    #expect(random.next() == counted.next())
  }

  /// Against the definition by index: (r, c) of the crop is found at (r', c') of what was made of it.
  @Test func `crops are the picture's pixels, turned`() throws {
    let names = ["a.png", "b.png", "c.png"]
    let set = try PictureFolder(names).open()
    var random = Philox(key: 4)
    var kinds = Set<[Bool]>()
    for _ in 0..<40 {
      let draw = try set.draw(.training, using: &random)
      let made = try crop(draw, of: set)
      let source = bytes(samplePicture(set.pictures[draw.picture].path))
      let turn = draw.augmentation
      kinds.insert([turn.flipsColumns, turn.flipsRows, turn.transposes])
      let isEqual = (0..<192 * 192).allSatisfy { pixel in
        let (row, column) = (pixel / 192, pixel % 192)
        let from = 3 * ((draw.top + row) * 208 + draw.left + column)
        var (y, x) = (turn.flipsRows ? 191 - row : row, turn.flipsColumns ? 191 - column : column)
        if turn.transposes { (y, x) = (x, y) }
        let to = 3 * (192 * y + x)
        return made[to] == source[from] && made[to + 1] == source[from + 1]
          && made[to + 2] == source[from + 2]
      }
      #expect(isEqual, "\(draw)")
      #expect(draw.top % 2 == 0 && draw.left % 2 == 0 && draw.top <= 8 && draw.left <= 16)
    }
    #expect(kinds.count == 8)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `augmentation agrees with the authors' code`() throws {
    let golden = try SafeTensors(path: SharedData.reference("task_golden.safetensors").path)
    let source = try golden.bytes("hr_crop_u8")
    let expected = try golden.bytes("augmented_u8")
    let all = (0..<8).map {
      Augmentation(flipsColumns: $0 & 1 != 0, flipsRows: $0 & 2 != 0, transposes: $0 & 4 != 0)
    }
    let matching = all.filter { turn in
      var target = [UInt8](repeating: 0, count: 3 * 192 * 192)
      turn.copy(source, rowBytes: 3 * 192, side: 192, into: &target)
      return target == expected
    }
    #expect(matching == [Augmentation(flipsColumns: true, flipsRows: true, transposes: true)])
  }

  /// All centres that `CropSampler` may draw, each with its share, gathered by the corner it leads to. Our
  /// table goes through the corners in another order than `CropSampler` through the centres, so one number
  /// draws different crops from the two, but every crop is equally likely.
  @Test(arguments: [(192, 192), (192, 230), (193, 301), (194, 193), (229, 228)])
  func `the table holds the map's probability of every corner`(width: Int, height: Int) {
    let picture = samplePicture("x", width: width, height: height)
    let table = CropTable.make(for: picture)
    let shares = cornerShares(picture)
    #expect(
      table.count == CropTable.count(width, height) && table.last == .max && shares.count == table.count)
    var previous: UInt32 = 0
    for (entry, share) in zip(table, shares) {
      // Both ends are rounded to whole units, by half a unit each; the sums' own rounding is far below.
      #expect(abs(Double(entry - previous) / Double(UInt32.max) - share) < 1.001 / Double(UInt32.max))
      previous = entry
    }
  }

  @Test func `positions are drawn as the map says`() throws {
    let folder = try PictureFolder(["a.png"])
    // Texture on the left, nothing on the right.
    let texture = bytes(samplePicture("b", width: 204, height: 200))
    let picture = Picture(
      width: 204, height: 200, rgb: texture.indices.map { $0 / 3 % 204 < 70 ? texture[$0] : 40 })
    try folder.write(picture, "b.png")
    let set = try folder.open()
    let index = try #require(set.pictures.firstIndex { $0.path == "b.png" })
    let shares = cornerShares(picture)
    try #require(shares.count == 24)
    #expect(shares[0] > 1.5 * shares[5])

    var counts = [Int](repeating: 0, count: 24)
    var random = Philox(key: 6)
    let part: PictureSet.Part = set.training.contains(index) ? .training : .heldOut
    for _ in 0..<24_000 {
      let draw = try set.draw(part, using: &random)
      counts[draw.top / 2 * 6 + draw.left / 2] += 1
    }
    let chiSquare = zip(counts, shares).reduce(0.0) { sum, cell in
      let expected = 24_000 * cell.1
      return sum + (Double(cell.0) - expected) * (Double(cell.0) - expected) / expected
    }
    // 23 degrees of freedom: 60 is exceeded by four in 100,000 keys, and this one is fixed.
    #expect(chiSquare < 60)
  }

  private func cornerShares(_ picture: Picture) -> [Double] {
    let map = ProbabilityMap(of: picture, cropSize: 192)
    let sampler = CropSampler(map)
    var shares: [Int: Double] = [:]
    for (centre, share) in map.values.enumerated() where share > 0 {
      let (top, left) = sampler.topLeft(ofCentre: centre)
      shares[top * picture.width + left, default: 0] += share
    }
    return shares.sorted { $0.key < $1.key }.map(\.value)
  }
}
