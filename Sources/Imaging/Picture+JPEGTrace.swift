import Foundation

/// What JPEG left in a picture, however it is stored now and wherever it was cropped since.
public struct JPEGTrace: Sendable, Equatable {
  /// Row and column of the first whole block of 8x8, 0 to 7.
  public let top, left: Int
  /// The mean step that luminance's lowest five frequencies were rounded to, in levels of 255; 1 where none shows, as in
  /// JPEGs of high quality, whose steps drown in the rounding to whole levels.
  public let step: Double

  /// What an enlarging should be told of as noise for it, in 8-bit levels: fitted to what held-out photographs came out best
  /// with at qualities 95, 70 and 50, whose steps are 1, 7 and 12 (docs/decisions.md).
  public var equivalentNoise: Double { min(3 + step, Self.mostNoise) }

  /// As much as USRNet was trained for.
  private static let mostNoise = 25.0

  /// The largest step of which the coefficients that it leaves are multiples nearly as well as of any.
  fileprivate static func step(_ coefficients: [Float]) -> Double {
    let scores = (2...40).map { step -> Double in
      let left = coefficients.filter { abs($0) > 0.6 * Float(step) }
      guard left.count >= 20 else { return 0 }
      return left.reduce(0.0) { $0 + cos(2 * Double.pi * Double($1) / Double(step)) } / Double(left.count)
    }
    guard let best = scores.max(), best > 0.3, let index = scores.lastIndex(where: { $0 >= 0.7 * best })
    else { return 1 }
    return Double(index + 2)
  }
}

extension Picture {
  /// What JPEG left in the picture; nil where it was none, where there are fewer than 49 blocks to judge by, and where the
  /// picture has so few levels (`coarseStep`) that nothing of a JPEG can be told.
  ///
  /// JPEG leaves hardly any of the highest frequencies in its blocks of 8x8, and edges between them. The mean logarithm of
  /// the highest frequencies is taken of the blocks that start at each of the 64 places of a grid; a JPEG's own place
  /// stands out below the median. On held-out photographs it does by 0.5 and more at qualities of up to 95, and no place
  /// of other pictures by more than 0.25 (`scripts/out-of-family` makes such pictures). The coefficients of the blocks there
  /// are near to multiples of the steps they were rounded to (Fan, de Queiroz, IEEE Trans. Image Processing 2003).
  public var jpegTrace: JPEGTrace? {
    switch samples {
    case .bits8(let samples): jpegTrace(samples)
    case .bits16(let samples): jpegTrace(samples)
    }
  }

  private func jpegTrace<Sample: FixedWidthInteger & UnsignedInteger>(_ samples: [Sample]) -> JPEGTrace? {
    if coarseStep != nil { return nil }
    // Green is most of what JPEG stores at full resolution.
    let green = ChannelBlocks(samples: samples, width: width, height: height, channel: 1)
    guard let place = green.gridPlace else { return nil }
    return JPEGTrace(top: place.top, left: place.left, step: green.quantisationStep(of: place))
  }
}

extension ChannelBlocks {
  typealias GridPlace = (top: Int, left: Int)

  /// Natural logarithms.
  private var leastGridDepth: Double { 0.4 }

  /// The place whose blocks fall short of the median place's at the highest frequencies, where one does.
  fileprivate var gridPlace: GridPlace? {
    let side = DCTBlock.side
    guard width >= side && height >= side else { return nil }
    var sums = [Double](repeating: 0, count: side * side)
    var counts = [Int](repeating: 0, count: side * side)
    for row in stride(from: 0, through: height - side, by: blockDistance) {
      let energies = highEnergies(levels(rows: row..<row + side))
      for column in stride(from: 0, through: width - side, by: blockDistance) {
        let place = row % side * side + column % side
        // About half of what rounding to whole levels leaves.
        sums[place] += log(Double(energies[column]) / Double(DCTBlock.highCount) + 0.05)
        counts[place] += 1
      }
    }
    guard let fewest = counts.min(), fewest >= 49 else { return nil }
    let means = zip(sums, counts).map { $0 / Double($1) }
    guard let lowest = means.indices.min(by: { means[$0] < means[$1] }) else { return nil }
    let depth = means.sorted()[means.count / 2] - means[lowest]
    return depth > leastGridDepth ? (lowest / side, lowest % side) : nil
  }

  /// The sum of squares of the highest frequencies, as `DCTBlock.highCoefficients` has them, for every block in eight rows: down the
  /// columns first, so that blocks side by side, which overlap, share that.
  /// - Parameter levels: (8, width)
  private func highEnergies(_ levels: [Float]) -> [Float] {
    let waves = (0..<4).map { DCTBlock.highWaves[$0] }
    let count = width - DCTBlock.side + 1
    var energies = [Float](repeating: 0, count: count)
    var (down, across) = ([Float](repeating: 0, count: width), energies)
    for (i, wave) in waves.enumerated() {
      for x in 0..<width { down[x] = 0 }
      for r in 0..<DCTBlock.side { Self.add(levels, at: r * width, times: wave[r], to: &down) }
      for other in waves[(3 - i)...] {
        for x in 0..<count { across[x] = 0 }
        for k in 0..<DCTBlock.side { Self.add(down, at: k, times: other[k], to: &across) }
        for x in 0..<count { energies[x] += across[x] * across[x] }
      }
    }
    return energies
  }

  private static func add(_ values: [Float], at start: Int, times factor: Float, to sums: inout [Float]) {
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let from = values.baseAddress, let to = sums.baseAddress else { return }
        let moved = from + start
        for x in 0..<sums.count { to[x] += factor * moved[x] }
      }
    }
  }

  /// The mean over luminance's lowest frequencies.
  fileprivate func quantisationStep(of place: GridPlace) -> Double {
    let side = DCTBlock.side
    // No more of them than say enough.
    var distance = side
    while width * height > 4096 * distance * distance { distance += side }
    var coefficients = [[Float]](repeating: [], count: DCTBlock.lowCount)
    for row in stride(from: place.top, through: height - side, by: distance) {
      for column in stride(from: place.left, through: width - side, by: distance) {
        let low = luminanceBlock(at: row * width + column).lowCoefficients
        for index in coefficients.indices { coefficients[index].append(low[index]) }
      }
    }
    return coefficients.map(JPEGTrace.step).reduce(0, +) / Double(coefficients.count)
  }
}
