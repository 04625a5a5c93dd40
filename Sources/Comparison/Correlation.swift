/// How a kernel metric and the image PSNR go together over pictures, as in the paper's Table 5. Both are taken as gains, so
/// that a positive figure means that better kernels give better pictures: LK-COV, where less is better, with its sign
/// turned.
struct Correlation: Codable, Sendable, Equatable {
  /// Which methods.
  let methods: String
  /// `kernel PSNR` or `LK-COV`.
  let metric: String
  let pearson: Double?
  let spearman: Double?
  /// Points that were correlated.
  let points: Int

  /// The correlations of one benchmark's rows with kernels, each method at its last number of steps, means over runs:
  /// - all methods and pictures together, a kernel's metric with the gain in image PSNR over bicubic interpolation;
  /// - for each two methods, over pictures, the differences between the two (the paper's table).
  static func all(_ rows: [Row]) -> [Correlation] {
    let estimated = lastSteps(rows.filter(\.hasKernels))
    guard let bicubic = rows.first(where: { $0.label == Row.bicubic && !$0.isEstimated }) else { return [] }
    let pairs = estimated.indices.flatMap { i in
      // One kernel's pictures at two noise levels say nothing of kernels.
      estimated[..<i].filter { $0.noise == estimated[i].noise }
        .map { (methods: "\(estimated[i].label) & \($0.label)", one: estimated[i], other: $0) }
    }
    return [Measure.kernelPSNR, .covarianceDistance].flatMap { metric in
      let together = estimated.flatMap { gains(of: $0, in: metric, over: nil, imagesOver: bicubic) }
      return [Correlation(methods: "all, over bicubic", metric: metric, points: together)]
        + pairs.map {
          let points = gains(of: $0.one, in: metric, over: $0.other, imagesOver: $0.other)
          return Correlation(methods: $0.methods, metric: metric, points: points)
        }
    }
    .filter { $0.points > 0 }
  }

  private init(methods: String, metric: Measure, points: [(x: Double, y: Double)]) {
    (self.methods, self.metric) = (methods, metric.name)
    (pearson, spearman) = (Statistics.pearson(points), Statistics.spearman(points))
    self.points = points.count
  }

  /// By picture: the gain in a kernel metric and the gain in image PSNR.
  ///
  /// - Parameters:
  ///   - other: the row whose kernels the gain in the metric is taken over; nil for the metric itself.
  ///   - base: the row whose images the gain in image PSNR is taken over.
  private static func gains(
    of row: Row, in metric: Measure, over other: Row?, imagesOver base: Row
  ) -> [(x: Double, y: Double)] {
    let sign = metric.lessIsBetter ? -1.0 : 1
    let (own, theirs) = (row.byPicture(metric), other?.byPicture(metric))
    let (image, baseImage) = (row.byPicture(.imagePSNR), base.byPicture(.imagePSNR))
    return own.keys.sorted().compactMap { picture in
      guard let x = own[picture], let y = image[picture], let baseY = baseImage[picture] else { return nil }
      let baseX = theirs.map { $0[picture] } ?? 0
      guard let baseX, (x - baseX).isFinite, (y - baseY).isFinite else { return nil }
      return (sign * (x - baseX), y - baseY)
    }
  }

  private static func lastSteps(_ rows: [Row]) -> [Row] {
    rows.filter { row in !rows.contains { $0.label == row.label && ($0.steps ?? 0) > (row.steps ?? 0) } }
  }
}
