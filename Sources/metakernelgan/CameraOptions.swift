import ArgumentParser
import BlurKernels

/// The options of `degrade` that make a camera.
struct CameraOptions: ParsableArguments {
  @Option(
    help: """
      Make pictures as a camera does: photo, scan or screenshot. Each has settings of its own, which the following options \
      change; docs/evaluation.md describes the steps.
      """)
  var camera: Camera.Kind?

  @Option(help: ArgumentHelp("Film speed of the sensor, 50 to 25600; 0 for no noise.", valueName: "speed"))
  var iso: Double?

  @Option(help: "none, bilinear or malvar.")
  var demosaic: Camera.Demosaicking?

  @Option(help: "none, bilateral or wavelet.")
  var denoise: Camera.Denoising?

  @Option(help: ArgumentHelp("Factor of denoising's thresholds, 0.25 to 4.", valueName: "factor"))
  var denoiseStrength: Double?

  @Option(help: ArgumentHelp("Contrast of the tone curve, 0 to 1.", valueName: "contrast"))
  var tone: Double?

  @Option(help: ArgumentHelp("Amount of unsharp masking, 0 to 3.", valueName: "amount"))
  var sharpen: Double?

  @Option(help: ArgumentHelp("Radius of unsharp masking in pixels, 0.3 to 5.", valueName: "pixels"))
  var sharpenRadius: Double?

  @Option(help: ArgumentHelp("Side in shares of the sensor's, 0.25 to 1.", valueName: "share"))
  var resize: Double?

  @Option(help: ArgumentHelp("Strength of a print's halftone screen, 0 to 1.", valueName: "strength"))
  var halftone: Double?

  @Option(help: "Bits of the stored samples, 8 to 16.")
  var bits: Int?

  /// Nil where none is wanted.
  var settings: Camera? {
    guard let camera else { return nil }
    var settings = Camera(camera)
    func set<Value>(_ property: WritableKeyPath<Camera, Value>, _ value: Value?) {
      if let value { settings[keyPath: property] = value }
    }
    set(\.iso, iso)
    set(\.demosaicking, demosaic)
    set(\.denoising, denoise)
    set(\.denoisingStrength, denoiseStrength)
    set(\.tone, tone)
    set(\.sharpening, sharpen)
    set(\.sharpeningRadius, sharpenRadius)
    set(\.resizing, resize)
    set(\.halftone, halftone)
    set(\.bits, bits)
    return settings
  }

  private var isAnySet: Bool {
    demosaic != nil || denoise != nil || bits != nil
      || [iso, denoiseStrength, tone, sharpen, sharpenRadius, resize, halftone].contains { $0 != nil }
  }

  func validate() throws {
    if camera == nil && isAnySet {
      throw ValidationError("Settings of a camera need --camera photo, scan or screenshot.")
    }
    if let fault = settings?.fault { throw ValidationError("--\(fault).") }
  }
}

extension Camera.Kind: ExpressibleByArgument {}
extension Camera.Demosaicking: ExpressibleByArgument {}
extension Camera.Denoising: ExpressibleByArgument {}
