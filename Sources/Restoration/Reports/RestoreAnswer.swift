import BlurKernels
import Foundation
import Imaging

/// Everything about one restored picture in one JSON document, as HTTP answers with it.
package struct RestoreAnswer: Encodable {
  package struct Image: Encodable {
    let type = "image/png"
    let width, height: Int
    let base64: String

    private enum CodingKeys: String, CodingKey { case type, width, height, base64 }

    init(_ picture: Picture, check: () throws(PictureError) -> Void) throws(PictureError) {
      (width, height) = (picture.width, picture.height)
      base64 = Data(try picture.encodePNG(check: check)).base64EncodedString()
    }
  }

  let kernel: KernelReport
  let kernelPicture: Image
  /// The NumPy file, in base64.
  let kernelNpy: String
  let enlarged: Image
  let bicubic: Image?
  let noise: SuperResolutionReport.Noise
  /// The enlarger's mean share in the picture, 0 to 1.
  let trust: Double
  let network: String
  let notes: [String]
  let seconds: Double

  /// - Parameters:
  ///   - name: what the kernel's report calls the picture.
  ///   - isCompared: whether the picture enlarged by bicubic interpolation is in the answer.
  ///   - check: called before each row; throws `.cancelled` to stop.
  package init(
    _ restored: RestoredPicture, of picture: Picture, name: String, isCompared: Bool,
    check: () throws(PictureError) -> Void = {}
  ) throws(PictureError) {
    kernel = KernelReport(restored.kernel, of: picture, name: name).withoutFolders()
    kernelPicture = try Image(KernelFiles.picture(of: restored.kernel), check: check)
    kernelNpy = restored.kernel.kernel.npyData().base64EncodedString()
    enlarged = try Image(restored.picture, check: check)
    bicubic =
      isCompared
      ? try Image(picture.bicubic(scale: restored.scale, check: check).upright(check: check), check: check)
      : nil
    noise = SuperResolutionReport.Noise(restored)
    (network, seconds) = (restored.enlarger, restored.seconds)
    notes = restored.notes(of: picture)
    trust = restored.trust
  }
}
