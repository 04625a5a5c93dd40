import Imaging

extension ComparisonTask {
  func run(_ report: (Outcome) -> Void) {
    let original: Picture
    do { original = try Picture.read(self.original).cropped(toMultipleOf: scale) } catch {
      return report(.failure("\(name): \(error)"))
    }
    let place = ShownPart(of: original, scale: scale)
    for part in wanted {
      do {
        let picture = try Picture.read(part.picture).cropped(toMultipleOf: scale)
        let quality = try ImageQuality(of: picture, against: original, border: scale)
        if let crop = part.crop { try picture.part(place).writePNG(crop) }
        report(
          .image(
            ImageRecord(
              key: part.key, of: part.of, psnr: quality.psnr, ssim: quality.ssim, seconds: nil, megabytes: nil
            )))
      } catch { report(.failure("\(name): \(part.of): \(error)")) }
    }
  }
}
