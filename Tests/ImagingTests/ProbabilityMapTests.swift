import Imaging
import Testing

@Suite struct ProbabilityMapTests {
  /// The definition word by word, in floating point, without any of the shortcuts.
  @Test(arguments: [(80, 96, 64), (70, 65, 64), (41, 57, 24), (33, 30, 10)])
  func `the map follows its definition`(width: Int, height: Int, size: Int) {
    // Sixteen bits make ties at the threshold, which floating point breaks by chance, unlikely.
    let samples = (0..<(3 * width * height)).map { UInt16(truncatingIfNeeded: $0 &* 40503 &* ($0 / 7)) }
    let picture = Picture(width: width, height: height, samples: .bits16(samples))
    let map = ProbabilityMap(of: picture, cropSize: size)
    let expected = naiveMap(picture, size)
    #expect(relativeDifference(map.values, expected) < 1e-10)
    #expect(!map.isUniform && abs(map.values.reduce(0, +) - 1) < 1e-12)
  }

  @Test func `no gradient, none along one axis, or none that matters leaves all centres alike`() {
    let flat = grey(width: 70, height: 80) { _, _ in 9 }
    let stripes = grey(width: 70, height: 80) { _, column in UInt8(column) }
    let corner = grey(width: 170, height: 180) { row, column in
      max(row, column) < 9 ? UInt8(row * 31 ^ column * 7) : 0
    }
    for picture in [flat, stripes, corner] {
      let map = ProbabilityMap(of: picture)
      let centres = (picture.width - 64) * (picture.height - 64)
      let share = 1 / Double(centres)
      #expect(map.isUniform)
      #expect(map.values.filter { $0 == share }.count == centres)
      #expect(map.values[32 * picture.width + 31] == 0 && map.values[32 * picture.width + 32] > 0)
    }
  }

  private func grey(width: Int, height: Int, _ value: (Int, Int) -> UInt8) -> Picture {
    let values = (0..<(width * height)).map { value($0 / width, $0 % width) }
    return Picture(width: width, height: height, rgb: tripled(values))
  }

  @Test func `a picture of one crop has one centre`() {
    let picture = Picture(width: 64, height: 64, rgb: pseudoRandomBytes(3 * 4096))
    let map = ProbabilityMap(of: picture)
    #expect(map.isUniform && map.values[32 * 64 + 32] == 1)
    let sampler = CropSampler(map)
    #expect([0, 0.5, 0.999].allSatisfy { sampler.topLeft(at: $0) == (0, 0) })
    let wide = CropSampler(ProbabilityMap(of: Picture(width: 90, height: 64, rgb: pseudoRandomBytes(17280))))
    #expect(wide.topLeft(at: 0) == (0, 0) && wide.topLeft(at: 0.9999) == (0, 24))
  }

  @Test func `the smallest crop of the smallest picture has its centre`() {
    let picture = Picture(width: 10, height: 11, rgb: pseudoRandomBytes(330))
    let sampler = CropSampler(ProbabilityMap(of: picture, cropSize: ProbabilityMap.smallestCropSize))
    #expect(sampler.centre(at: 0.5) == 5 * 10 + 5 && sampler.topLeft(at: 0.5) == (0, 0))
  }

  @Test func `crops stay inside and on even coordinates`() {
    let picture = Picture(width: 101, height: 75, rgb: pseudoRandomBytes(3 * 7575))
    let sampler = CropSampler(ProbabilityMap(of: picture))
    #expect(sampler.topLeft(ofCentre: 0) == (0, 0))
    #expect(sampler.topLeft(ofCentre: 37 * 101 + 45) == (4, 12))  // 5 and 13, rounded down
    #expect(sampler.topLeft(ofCentre: 74 * 101 + 100) == (10, 36))  // 11 and 37, rounded down
  }

  @Test func `ranks equal those of a sort`() {
    for (count, bound) in [(100, 3), (1000, 50_000), (999, 1 << 27), (500, 1)] {
      let values = (0..<count).map { Int32(($0 &* 7919 &+ $0 &* $0 &* 104_729) % bound) }
      let sorted = values.sorted()
      for rank in stride(from: 0, to: count - 1, by: 7) {
        #expect(consecutiveRanks(of: values, at: rank) == (sorted[rank], sorted[rank + 1]))
      }
    }
  }
}

func relativeDifference(_ values: [Double], _ expected: [Double]) -> Double {
  let difference = zip(values, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return (difference / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
}

private typealias Plane = [[Double]]

private func naiveMap(_ picture: Picture, _ size: Int) -> [Double] {
  let (width, height) = (picture.width, picture.height)
  func plane(_ value: (Int, Int) -> Double) -> Plane {
    (0..<height).map { row in (0..<width).map { value(row, $0) } }
  }
  let luma = plane { 0.299 * picture[$0, $1, 0] + 0.587 * picture[$0, $1, 1] + 0.114 * picture[$0, $1, 2] }
  func isInside(_ row: Int, _ column: Int, border: Int) -> Bool {
    row >= border && row < height - border && column >= border && column < width - border
  }
  let down = plane { isInside($0, $1, border: 5) ? abs(luma[$0 + 1][$1] - luma[$0 - 1][$1]) / 2 : 0 }
  let across = plane { isInside($0, $1, border: 5) ? abs(luma[$0][$1 + 1] - luma[$0][$1 - 1]) / 2 : 0 }
  let magnitude = plane { (down[$0][$1] * down[$0][$1] + across[$0][$1] * across[$0][$1]).squareRoot() }
  func clipped(_ values: Plane) -> Plane {
    let sorted = values.joined().sorted()
    let rank = Int(0.97 * Double(width * height))
    let low = sorted[rank]
    let high = sorted[rank + 1] == low ? low + 1e-5 : sorted[rank + 1]
    return values.map { $0.map { min(max($0, low), high) - low } }
  }
  let measures = [clipped(down), clipped(across), magnitude].map { values in
    let sum = values.joined().reduce(0, +)
    return values.map { $0.map { $0 / sum } }
  }
  func boxMean(_ values: Plane, _ side: Int) -> Plane {
    plane { row, column in
      var sum = 0.0
      for y in (row - side / 2)..<(row - side / 2 + side) {
        for x in (column - side / 2)..<(column - side / 2 + side) where isInside(y, x, border: 0) {
          sum += values[y][x]
        }
      }
      return sum / Double(side * side)
    }
  }
  let combined = plane { measures[0][$0][$1] + measures[1][$0][$1] + measures[2][$0][$1] }
  let dense = boxMean(boxMean(combined, 5), size / 2)
  let kept = plane { isInside($0, $1, border: size / 2) ? dense[$0][$1] : 0 }
  let sum = kept.joined().reduce(0, +)
  return kept.joined().map { $0 / sum }
}
