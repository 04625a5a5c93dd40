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
    return metrics.flatMap { metric, sign in
      let together = estimated.flatMap { gains($0, nil, metric, sign, over: bicubic) }
      return [Correlation("all, over bicubic", metric, together)]
        + pairs.map { Correlation($0.methods, metric, gains($0.one, $0.other, metric, sign, over: $0.other)) }
    }
    .filter { $0.points > 0 }
  }

  private static let metrics = [(Measure.kernelPSNR, 1.0), (Measure.covarianceDistance, -1.0)]

  private init(_ methods: String, _ metric: Measure, _ points: [(x: Double, y: Double)]) {
    (self.methods, self.metric) = (methods, metric.name)
    (pearson, spearman) = (Statistics.pearson(points), Statistics.spearman(points))
    self.points = points.count
  }

  /// By picture: the metric, or how it differs from another method's, and the gain in image PSNR.
  private static func gains(
    _ row: Row, _ other: Row?, _ metric: Measure, _ sign: Double, over base: Row
  ) -> [(x: Double, y: Double)] {
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
