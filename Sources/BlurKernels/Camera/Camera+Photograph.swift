public import Imaging

extension Camera {
  /// The original that pictures enlarged from this camera's are compared with: cropped to a multiple of the scale, and grey
  /// where the camera is.
  public func original(of picture: Picture, scale: Int) -> Picture {
    let cropped = picture.cropped(toMultipleOf: scale)
    return isGrey ? ColourPlanes(cropped, isGrey: true).picture(bits: 8) : cropped
  }

  /// The kernel that goes with pictures of this camera: the optics', or for a screenshot the mean of `scale` pixels
  /// squared, centred as ours are.
  public func kernel(optics: BlurKernel, scale: Int) -> BlurKernel {
    guard kind == .screenshot else { return optics }
    let side = optics.side
    // Pixels m - s + 1 ... m have their mean at m - (s - 1) / 2, where the kernels of scale s are centred.
    let range = (side / 2 - scale + 1)...(side / 2)
    let values = (0..<side * side).map {
      range.contains($0 / side) && range.contains($0 % side) ? 1 / Double(scale * scale) : 0
    }
    return BlurKernel(side: side, values: values)
  }

  /// The low-resolution picture that this camera makes of `picture`. Its steps, in order: linear light, halftone, blur by the
  /// kernel (with a circular border, as `BlurKernel.degrade`), sampling, sensor and mosaic, demosaicking, denoising, tone
  /// curve, sharpening, resizing, rounding. The same arguments give the same bytes on every machine.
  /// - Parameters:
  ///   - kernel: the optics', on the original's grid.
  ///   - key: chooses the sensor's noise.
  /// - Throws: `DegradationError.size` for a picture with a side shorter than the scale; `NumericsError` where there is
  ///   noise and the processor lacks AVX2.
  public func photograph(
    _ picture: Picture, kernel: BlurKernel, scale: Int, key: UInt64
  ) throws -> Picture {
    guard min(picture.width, picture.height) >= scale else {
      throw DegradationError.size(width: picture.width, height: picture.height, scale: scale)
    }
    let cropped = picture.cropped(toMultipleOf: scale)
    let curve = ToneCurve(contrast: tone)
    var scene = ColourPlanes(cropped, isGrey: isGrey)
    let isLight = kind != .screenshot
    if isLight { curve.expose(&scene) }
    Halftone(strength: halftone, pitch: 4 * Double(scale)).print(on: &scene)
    let sampling = Sampling(scale: scale, resizing: resizing)
    var planes = try captured(sampling.sampled(scene, kernel), key: key)
    if isLight {
      Denoiser(method: denoising, strength: Float(denoisingStrength), sensor: Sensor(iso: iso)).clean(&planes)
      curve.develop(&planes)
    }
    sharpen(&planes)
    return sampling.resized(planes, width: cropped.width / scale, height: cropped.height / scale)
      .picture(bits: bits)
  }

  /// Unsharp masking of luma: what it adds is added to every channel.
  private func sharpen(_ planes: inout ColourPlanes) {
    guard sharpening > 0 else { return }
    let luma = planes.luma
    let taps = ColourPlanes.gaussianTaps(deviation: sharpeningRadius)
    let smooth = ColourPlanes.filtered(luma, width: planes.width, taps: taps)
    let amount = Float(sharpening)
    for channel in planes.planes.indices {
      for index in luma.indices {
        planes.planes[channel][index] += amount * (luma[index] - smooth[index])
      }
    }
  }
}
