/// The figures that the paper prints for Set14 (Lee et al., "Meta-Learned Kernel For Blind Super-Resolution Kernel
/// Estimation"), to stand beside measured ones. Facts, copied by hand from the tables that they name.
enum Paper {
  /// A line of Tables 1 and 2: image PSNR and SSIM, kernel PSNR and LK-COV, means of five runs.
  struct Line: Sendable {
    let method: String
    /// Where it stands.
    let table: String
    let steps: Int?
    /// In the order of `Measure.quality`; kernel metrics are missing where no kernel is estimated, LR-PSNR everywhere.
    let values: [Double?]
  }

  /// Of a benchmark that is one of Set14's four, told by its pictures' names and the folder's own.
  static func lines(bench: String, pictures: some Collection<String>) -> [Line] {
    guard Set(pictures) == set14 else { return [] }
    return lines[folder(bench)] ?? []
  }

  /// The benchmark's name may begin with the folder above.
  private static func folder(_ bench: String) -> String { String(bench.split(separator: "/").last ?? "") }

  private static let set14: Set = [
    "baboon", "barbara", "bridge", "coastguard", "comic", "face", "flowers", "foreman", "lenna", "man",
    "monarch",
    "pepper", "ppt3", "zebra",
  ]

  private static let lines: [String: [Line]] = [
    "x2_clean": [
      line("bicubic", in: "Tables 1, 2", image: (24.82, 0.6910)),
      line("KernelGAN", in: "Table 1", steps: 3000, image: (25.11, 0.7404), kernel: (43.37, 3.22)),
      line("KernelGAN-FKP", in: "Table 1", steps: 1000, image: (22.11, 0.6229), kernel: (45.25, 9.70)),
      line("DSKernelGAN", in: "Table 1", steps: 200, image: (28.34, 0.8210), kernel: (42.17, 4.15)),
      line("Double-DIP", in: "Table 2", steps: 1000, image: (21.84, 0.5984), kernel: (41.34, 5.96)),
      line("DIP-FKP", in: "Table 2", steps: 1000, image: (28.90, 0.8324), kernel: (45.32, 2.95)),
      line("BSRDM", in: "Table 2", steps: 440, image: (29.38, 0.8240), kernel: (43.77, 2.84)),
      line("MetaKernelGAN", in: "Tables 1, 2", steps: 200, image: (28.71, 0.8331), kernel: (46.23, 2.44)),
      line("true kernel", in: "Tables 1, 2", image: (32.56, 0.8944)),
    ],
    "x2_noise_ker": [
      line("bicubic", in: "Tables 1, 2", image: (24.80, 0.6907)),
      line("KernelGAN", in: "Table 1", steps: 3000, image: (24.29, 0.7088), kernel: (41.75, 3.16)),
      line("KernelGAN-FKP", in: "Table 1", steps: 1000, image: (20.91, 0.6034), kernel: (42.35, 13.08)),
      line("DSKernelGAN", in: "Table 1", steps: 200, image: (28.00, 0.8067), kernel: (40.87, 4.03)),
      line("Double-DIP", in: "Table 2", steps: 1000, image: (21.48, 0.5871), kernel: (40.69, 5.99)),
      line("DIP-FKP", in: "Table 2", steps: 1000, image: (28.18, 0.8153), kernel: (43.30, 2.96)),
      line("BSRDM", in: "Table 2", steps: 440, image: (29.01, 0.8155), kernel: (41.24, 2.85)),
      line("MetaKernelGAN", in: "Tables 1, 2", steps: 200, image: (28.05, 0.8153), kernel: (43.68, 2.36)),
      line("true kernel", in: "Tables 1, 2", image: (32.47, 0.8968)),
    ],
    "x2_noise_img": [
      line("bicubic", in: "Tables 1, 2", image: (24.69, 0.6639)),
      line("KernelGAN", in: "Table 1", steps: 3000, image: (27.29, 0.7671), kernel: (43.15, 3.29)),
      line("KernelGAN-FKP", in: "Table 1", steps: 1000, image: (23.23, 0.7090), kernel: (44.46, 13.40)),
      line("DSKernelGAN", in: "Table 1", steps: 200, image: (27.57, 0.7619), kernel: (41.27, 4.57)),
      line("Double-DIP", in: "Table 2", steps: 1000, image: (24.32, 0.7023), kernel: (41.29, 5.97)),
      line("DIP-FKP", in: "Table 2", steps: 1000, image: (28.36, 0.7772), kernel: (44.70, 2.95)),
      line("BSRDM", in: "Table 2", steps: 440, image: (28.37, 0.7716), kernel: (43.23, 3.06)),
      line("MetaKernelGAN", in: "Tables 1, 2", steps: 200, image: (28.23, 0.7773), kernel: (43.99, 2.76)),
      line("true kernel", in: "Tables 1, 2", image: (29.57, 0.7990)),
    ],
    "x4_clean": [
      line("bicubic", in: "Tables 1, 2", image: (21.15, 0.5280)),
      line("DSKernelGAN", in: "Table 1", steps: 200, image: (24.61, 0.6725), kernel: (58.77, 12.97)),
      line("Double-DIP", in: "Table 2", steps: 1000, image: (20.48, 0.5099), kernel: (53.13, 16.65)),
      line("DIP-FKP", in: "Table 2", steps: 1000, image: (24.98, 0.6707), kernel: (54.17, 16.28)),
      line("BSRDM", in: "Table 2", steps: 440, image: (24.64, 0.6415), kernel: (48.09, 17.10)),
      line("MetaKernelGAN", in: "Tables 1, 2", steps: 200, image: (25.46, 0.6960), kernel: (63.13, 6.54)),
      line("true kernel", in: "Tables 1, 2", image: (27.89, 0.7498)),
    ],
  ]

  private static func line(
    _ method: String, in table: String, steps: Int? = nil, image: (psnr: Double, ssim: Double),
    kernel: (psnr: Double, covarianceDistance: Double)? = nil
  ) -> Line {
    Line(
      method: method, table: table, steps: steps,
      values: [image.psnr, image.ssim, kernel?.psnr, kernel?.covarianceDistance, nil])
  }
}

extension Paper {
  /// Table 3: finding the kernel of the LR picture of a 1356x2040 HR picture, on the authors' machine with a GPU.
  struct Cost: Sendable {
    let method: String
    /// By scale.
    let seconds, gigabytes: [Int: Double]
  }

  /// Quoted beside the benchmarks that the paper could have meant: it says no more than the scale.
  static func costs(bench: String, pictures: some Collection<String>) -> [Cost] {
    Set(pictures) == set14 && folder(bench).hasSuffix("_clean") ? costs : []
  }

  static let costs = [
    Cost(method: "KernelGAN", seconds: [2: 133.5, 4: 109.5], gigabytes: [2: 0.15, 4: 0.15]),
    Cost(method: "KernelGAN-FKP", seconds: [2: 113.9, 4: 441.6], gigabytes: [2: 0.23, 4: 0.23]),
    Cost(method: "Double-DIP", seconds: [2: 725.1, 4: 731.0], gigabytes: [2: 28.42, 4: 28.42]),
    Cost(method: "DIP-FKP", seconds: [2: 719.9, 4: 725.8], gigabytes: [2: 28.42, 4: 28.42]),
    Cost(method: "BSRDM", seconds: [2: 101.1, 4: 200.2], gigabytes: [2: 9.66, 4: 19.41]),
    Cost(method: "DSKernelGAN, MetaKernelGAN", seconds: [2: 7.1, 4: 7.4], gigabytes: [2: 0.15, 4: 0.15]),
  ]

  /// Table 5, Set14: MetaKernelGAN with another method.
  struct Relation: Sendable {
    let other, metric: String
    let pearson, spearman: Double
  }

  static func relations(bench: String, pictures: some Collection<String>) -> [Relation] {
    guard Set(pictures) == set14 else { return [] }
    return relations[folder(bench)] ?? []
  }

  private static let relations: [String: [Relation]] = [
    "x2_clean": [
      Relation(other: "KernelGAN-FKP", metric: "kernel PSNR", pearson: 0.7157, spearman: 0.7450),
      Relation(other: "DIP-FKP", metric: "kernel PSNR", pearson: 0.6047, spearman: 0.8021),
      Relation(other: "BSRDM", metric: "kernel PSNR", pearson: 0.5137, spearman: 0.6967),
      Relation(other: "KernelGAN-FKP", metric: "LK-COV", pearson: 0.7543, spearman: 0.8373),
      Relation(other: "DIP-FKP", metric: "LK-COV", pearson: 0.5082, spearman: 0.7362),
      Relation(other: "BSRDM", metric: "LK-COV", pearson: 0.5991, spearman: 0.6132),
    ],
    "x4_clean": [
      Relation(other: "DIP-FKP", metric: "kernel PSNR", pearson: 0.5496, spearman: 0.6219),
      Relation(other: "BSRDM", metric: "kernel PSNR", pearson: 0.4342, spearman: 0.3363),
      Relation(other: "DIP-FKP", metric: "LK-COV", pearson: 0.3643, spearman: 0.5252),
      Relation(other: "BSRDM", metric: "LK-COV", pearson: 0.2180, spearman: 0.1604),
    ],
  ]
}
