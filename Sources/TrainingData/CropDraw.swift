import Numerics

/// The picture of one task: which, from where, and how it is turned.
public struct CropDraw: Sendable, Equatable {
  /// A crop's rows and columns.
  public static let side = 192

  /// An index into `PictureSet.pictures`.
  public let picture: Int
  /// The crop's first row and column in the picture, both even.
  public let top, left: Int
  public let augmentation: Augmentation

  package init(picture: Int, top: Int, left: Int, augmentation: Augmentation) {
    (self.picture, self.top, self.left, self.augmentation) = (picture, top, left, augmentation)
  }
}

extension PictureSet {
  /// Which pictures to draw from.
  public enum Part: Sendable { case training, heldOut }

  /// Draws a crop: every picture of the part alike, the position by the gradient map, flips and transposition
  /// by chance. Always takes five numbers from `random`, so that what is drawn after it does not depend on
  /// it.
  /// - Throws: `TrainingDataError.resized` if the data file was cut or overwritten since it was opened.
  public func draw(_ part: Part, using random: inout Philox) throws(TrainingDataError) -> CropDraw {
    try file.requireLength()
    let candidates = part == .training ? training : heldOut
    let picture = candidates[random.below(candidates.count)]
    let (top, left) = corner(in: picture, at: UInt32(random.below(Int(UInt32.max))))
    return CropDraw(picture: picture, top: top, left: left, augmentation: Augmentation(using: &random))
  }

  /// The side that a crop about the drawn one has at most when `side` is asked for: as large as the picture allows,
  /// a multiple of `multiple`.
  public func side(of crop: CropDraw, atMost side: Int, multipleOf multiple: Int) -> Int {
    let picture = pictures[crop.picture]
    return min(side, picture.width, picture.height) / multiple * multiple
  }

  /// The pixels of a larger or smaller crop about the drawn one, moved to lie in the picture, turned:
  /// (side, side, 3). Of the drawn side it is the drawn crop itself.
  /// - Throws: `TrainingDataError.resized` if the data file was cut or overwritten since it was opened.
  public func pixels(_ crop: CropDraw, side: Int) throws(TrainingDataError) -> [UInt8] {
    let picture = pictures[crop.picture]
    precondition(side <= min(picture.width, picture.height), "the crop was drawn from other pictures")
    func start(_ drawn: Int, _ length: Int) -> Int {
      max(0, min(drawn + (CropDraw.side - side) / 2, length - side)) / 2 * 2
    }
    let corner = (top: start(crop.top, picture.height), left: start(crop.left, picture.width))
    try file.requireLength()
    let rowBytes = 3 * picture.width
    let offset = sections[crop.picture].pixels.lowerBound + corner.top * rowBytes + 3 * corner.left
    guard let source = file.bytes.baseAddress else { return [] }
    return [UInt8](unsafeUninitializedCapacity: 3 * side * side) { target, count in
      guard let start = target.baseAddress else { return }
      crop.augmentation.copy(
        (source + offset).assumingMemoryBound(to: UInt8.self), rowBytes: rowBytes, side: side, into: start)
      count = 3 * side * side
    }
  }

  /// The corner that `target`, uniform in 0 ..< `UInt32.max`, draws.
  private func corner(in picture: Int, at target: UInt32) -> (top: Int, left: Int) {
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[sections[picture].table])
    let entry = CropTable.entry(exceeding: target, in: bytes.bindMemory(to: UInt32.self))
    let columns = CropTable.corners(pictures[picture].width)
    return (2 * (entry / columns), 2 * (entry % columns))
  }
}
