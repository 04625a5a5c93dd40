import BlurKernels
import Imaging
import Numerics
import Platform
import Testing

@Suite struct CameraTests {
  private static let delta = BlurKernel(side: 11, values: (0..<121).map { $0 == 60 ? 1 : 0 })

  private func flat(_ level: UInt8, side: Int = 128) -> Picture {
    Picture(width: side, height: side, rgb: [UInt8](repeating: level, count: 3 * side * side))
  }

  private func leaves(width: Int = 96, height: Int = 80, key: UInt64 = 1) -> Picture {
    var random = Philox(key: key)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  /// A camera whose steps are all off but linear light and the tone curve.
  private func plain(_ kind: Camera.Kind = .photo) -> Camera {
    var camera = Camera(kind)
    camera.halftone = 0
    camera.iso = 0
    camera.demosaicking = .none
    camera.denoising = .none
    camera.tone = 0
    camera.sharpening = 0
    return camera
  }

  private func take(_ camera: Camera, _ picture: Picture, scale: Int = 1, key: UInt64 = 1) throws -> Picture {
    try camera.photograph(picture, kernel: Self.delta, scale: scale, key: key)
  }

  private func statistics(_ picture: Picture, channel: Int) -> (mean: Double, deviation: Double) {
    let values = stride(from: channel, to: picture.rgb8.count, by: 3).map { Double(picture.rgb8[$0]) }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }

  /// Into linear light and back, every level comes out as it went in, whatever the contrast.
  @Test func `curves are inverted exactly`() throws {
    let ramp = Picture(width: 256, height: 1, rgb: (0..<256).flatMap { [UInt8($0), UInt8($0), UInt8($0)] })
    for tone in [0, 0.3, 1] {
      var camera = plain()
      camera.tone = tone
      #expect(try take(camera, ramp).samples == ramp.samples, "\(tone)")
    }
  }

  @Test func `every step is switchable and seeded`() throws {
    let picture = leaves()
    let usual = Camera(.photo)
    let taken = try take(usual, picture)
    #expect(try take(usual, picture).samples == taken.samples)
    #expect(try take(usual, picture, key: 2).samples != taken.samples)
    #expect(try take(plain(), picture, key: 2).samples == take(plain(), picture).samples)
    let changes: [(String, (inout Camera) -> Void)] = [
      ("iso", { $0.iso = 0 }), ("mosaic", { $0.demosaicking = .none }),
      ("mosaic", { $0.demosaicking = .bilinear }),
      ("denoising", { $0.denoising = .none }), ("denoising", { $0.denoising = .wavelet }),
      ("strength", { $0.denoisingStrength = 2 }), ("tone", { $0.tone = 1 }),
      ("sharpening", { $0.sharpening = 0 }),
      ("radius", { $0.sharpeningRadius = 2 }), ("resizing", { $0.resizing = 0.7 }),
      ("halftone", { $0.halftone = 0.5 }), ("bits", { $0.bits = 12 }),
    ]
    for (name, change) in changes {
      var camera = usual
      change(&camera)
      #expect(try take(camera, picture).samples != taken.samples, "\(name)")
      #expect(camera.fault == nil && camera.name != usual.name)
    }
  }

  /// Training and benchmarks on different machines must see the same pictures.
  @Test func `the bytes are known`() throws {
    var hashes: [String] = []
    for kind in Camera.Kind.allCases {
      var camera = Camera(kind)
      camera.resizing = 0.8
      let low = try camera.photograph(leaves(), kernel: KernelFamily.gaussian.drawn(3), scale: 2, key: 5)
      hashes.append(String(try SHA256.hex(of: low.rgb8).prefix(8)))
    }
    #expect(hashes == ["b54c60db", "40137d95", "156ac5ab"])
  }

  /// Shot noise of x electrons is their root: at ISO 6400 a full well holds 156, and mid-grey (0.216 of linear light at
  /// level 128) 34. The curve's slope there is 1.07, so 255 levels make 255 * 1.07 * sqrt(34 + 4) / 156 of it, 10.8.
  @Test func `noise follows the speed`() throws {
    var camera = plain()
    for (iso, wanted) in [(100.0, 1.28), (400, 2.54), (1600, 5.15), (6400, 10.8)] {
      camera.iso = iso
      let green = statistics(try take(camera, flat(128)), channel: 1)
      #expect(abs(green.deviation - wanted) < 0.06 * wanted, "ISO \(iso): \(green.deviation)")
      // The curve's bend darkens by 0.6 levels at ISO 6400.
      #expect(abs(green.mean - 128) < 1)
    }
  }

  @Test func `a scanner's noise is equal in the channels`() throws {
    var camera = Camera(.scan)
    camera.iso = 1600
    let low = try take(camera, leaves()).rgb8
    for start in stride(from: 0, to: low.count, by: 3) {
      #expect(low[start] == low[start + 1] && low[start] == low[start + 2])
    }
    let original = camera.original(of: leaves(), scale: 1).rgb8
    #expect(original[0] == original[1] && original[0] == original[2])
  }

  /// Both interpolations are exact where the light is even, and Malvar's and bilinear ones where it changes evenly.
  @Test func `demosaicking keeps even light`() throws {
    var camera = plain()
    for method in [Camera.Demosaicking.bilinear, .malvar] {
      camera.demosaicking = method
      for level in [0, 7, 128, 255] as [UInt8] {
        #expect(try take(camera, flat(level, side: 9)).samples == flat(level, side: 9).samples)
      }
    }
  }

  @Test func `denoising takes noise and leaves edges`() throws {
    let edge = Picture(
      width: 64, height: 64,
      rgb: (0..<64 * 64).flatMap { [UInt8](repeating: $0 % 64 < 32 ? 60 : 190, count: 3) })
    var camera = plain()
    camera.iso = 1600
    let noisy = try take(camera, edge)
    for method in [Camera.Denoising.bilateral, .wavelet] {
      camera.denoising = method
      let clean = try take(camera, edge)
      let quality = try ImageQuality(of: clean, against: edge, border: 4).psnr
      #expect(try quality > ImageQuality(of: noisy, against: edge, border: 4).psnr + 3, "\(method)")
    }
  }

  /// A resized picture lies where the other does, and is as bright.
  @Test func `resizing moves nothing`() throws {
    let picture = leaves(width: 128, height: 112)
    let kernel = KernelFamily.gaussian.drawn(1)
    for scale in [2, 4] {
      let optics = scale == 4 ? try kernel.x4() : kernel
      var camera = plain()
      let direct = try camera.photograph(picture, kernel: optics, scale: scale, key: 1)
      camera.resizing = 0.6
      let resized = try camera.photograph(picture, kernel: optics, scale: scale, key: 1)
      #expect(resized.width == direct.width && resized.height == direct.height)
      let (x, y) = try resized.displacement(from: direct, reach: 2)
      #expect(abs(x) < 0.05 && abs(y) < 0.05, "x\(scale): \(x), \(y)")
    }
  }

  @Test func `a screen keeps black, white and the mean`() throws {
    var camera = plain(.scan)
    camera.halftone = 1
    for level in [0, 255] as [UInt8] {
      #expect(try take(camera, flat(level)).samples == flat(level).samples)
    }
    // The mean is kept in linear light; the print's contrast shows.
    #expect(statistics(try take(camera, flat(128)), channel: 0).deviation > 20)
  }

  /// A screenshot is what its kernel makes of the picture, but for truncation.
  @Test func `a screenshot's kernel is its own`() throws {
    for (scale, side) in [(2, 11), (4, 21)] {
      let optics = BlurKernel(side: side, values: [Double](repeating: 0, count: side * side))
      let kernel = Camera(.screenshot).kernel(optics: optics, scale: scale)
      let centre = Double(side / 2) - Double(scale - 1) / 2
      #expect(abs(kernel.centreOfMass.x - centre) < 1e-12 && abs(kernel.sum - 1) < 1e-12)
      let low = try Camera(.screenshot).photograph(leaves(), kernel: kernel, scale: scale, key: 1).rgb8
      let plain = try kernel.degrade(leaves(), scale: scale).rgb8
      #expect(zip(low, plain).allSatisfy { $0 == $1 || $0 == $1 + 1 })
    }
  }

  @Test func `more bits fill the range`() throws {
    var camera = plain()
    camera.bits = 10
    let low = try take(camera, flat(255, side: 4))
    #expect(low.samples == .bits16([UInt16](repeating: 65535, count: 48)))
    guard case .bits16(let samples) = try take(camera, leaves()).samples else { return }
    // 1023 steps over 65535 samples.
    #expect(samples.allSatisfy { abs((Double($0) * 1023 / 65535).remainder(dividingBy: 1)) < 0.01 })
  }

  /// No size is refused but one shorter than the scale, and none ends the program.
  @Test func `small pictures have small results`() throws {
    for kind in Camera.Kind.allCases {
      var camera = Camera(kind)
      camera.resizing = 0.6
      camera.denoising = .wavelet
      for width in 1...9 {
        let picture = leaves(width: width, height: 10 - width)
        for scale in [1, 2, 4] {
          guard min(width, 10 - width) >= scale else {
            #expect(throws: DegradationError.self) { try take(camera, picture, scale: scale) }
            continue
          }
          #expect(try take(camera, picture, scale: scale).width == width / scale)
        }
      }
    }
  }

  @Test func `drawn cameras are within their ranges`() throws {
    var random = Philox(key: 9)
    let cameras = (0..<300).map { _ in Camera.draw(using: &random) }
    #expect(cameras.allSatisfy { $0.fault == nil && $0.iso >= 50 && $0.iso < 6401 })
    #expect(Set(cameras.map(\.demosaicking)) == [.bilinear, .malvar])
    #expect(Set(cameras.map(\.denoising)).count == 3)
    #expect(cameras.contains { $0.resizing == 1 } && cameras.contains { $0.resizing < 1 })
  }

  @Test func `settings out of range are named`() {
    var camera = Camera(.photo)
    camera.iso = 30
    #expect(camera.fault == "iso must be from 50 to 25600")
    camera.iso = 0
    #expect(camera.fault == nil)
    camera.resizing = 0.1
    #expect(camera.fault == "resize must be from 0.25 to 1")
  }

  @Test func `benchmarks are named after their cameras`() {
    var camera = Camera(.photo)
    camera.iso = 1600
    camera.denoising = .none
    let variation = BenchmarkVariation(camera: camera, jpegQuality: 85)
    #expect(BenchmarkRecipe.x2.folder(variation) == "x2_photo_iso1600_none-denoising_jpeg85")
    #expect(BenchmarkRecipe.x4.folder(BenchmarkVariation(noise: .grey(level: 5))) == "x4_grey5")
  }
}

extension KernelFamily {
  fileprivate func drawn(_ key: UInt64) -> BlurKernel {
    var random = Philox(key: key)
    return draw(using: &random)
  }
}
