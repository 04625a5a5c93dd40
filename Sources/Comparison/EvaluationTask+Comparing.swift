import Imaging

extension ComparisonTask {
  func run(_ report: (Outcome) -> Void) {
    let whole: Picture
    do { whole = try Picture.read(self.original).cropped(toMultipleOf: scale) } catch {
      return report(.failure("\(name): \(error)"))
    }
    let region = region?.enlarged(by: scale)
    let original = whole.region(region)
    let place = ShownPart(of: original, scale: scale)
    for part in wanted {
      do {
        let file = try Picture.read(part.picture).cropped(toMultipleOf: scale)
        // Another tool may have worked on the whole picture.
        let picture = file.size == whole.size ? file.region(region) : file
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
