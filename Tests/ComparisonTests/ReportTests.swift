import Comparison
import Foundation
import Testing

@Suite("Reports of canned scores")
struct ReportTests {
  static func score(
    _ method: String, _ picture: String, steps: Int? = nil, seed: Int? = nil, image: (Double, Double)?,
    kernel: (Double, Double)? = nil, bench: String = "x2_clean"
  ) -> Score {
    var score = Score(bench: bench, picture: picture, method: method)
    (score.steps, score.seed) = (steps, seed)
    (score.imagePSNR, score.imageSSIM) = (image?.0, image?.1)
    (score.kernelPSNR, score.covarianceDistance) = (kernel?.0, kernel?.1)
    score.seconds = steps.map { Double($0) / 100 }
    return score
  }

  static let scores = [
    score("bicubic", "a", image: (20, 0.5)), score("bicubic", "b", image: (22, 0.6)),
    score("our | own", "a", steps: 200, seed: 0, image: (24, 0.70), kernel: (40, 2)),
    score("our | own", "a", steps: 200, seed: 1, image: (26, 0.72), kernel: (42, 2)),
    score("our | own", "b", steps: 200, seed: 0, image: (28, 0.80), kernel: (44, 3)),
    score("our | own", "b", steps: 200, seed: 1, image: (30, 0.82), kernel: (46, 3)),
    score("true kernel", "a", image: (30, 0.9)), score("true kernel", "b", image: (33, 0.91)),
  ]

  static func report(
    _ scores: [Score] = scores, pictures: [String] = ["a", "b"],
    enlarging: String? = "USRNet-tiny (12345678)",
    faults: [String] = []
  ) -> Report {
    Report(
      heads: [.init(bench: "x2_clean", scale: 2, pictures: pictures, runs: 2, enlarging: enlarging)],
      scores: scores, faults: faults)
  }

  /// Image PSNR of the two runs: (24 + 28) / 2 = 26 and 28, so 27 with a deviation of the square root of 2.
  @Test func markdown() {
    #expect(
      Self.report(faults: ["x2_clean/c is left out: HR does not hold it"]).markdown == #"""
        # x2_clean

        2 pictures, scale 2. Enlarged by USRNet-tiny (12345678).

        ## Quality

        | method      | steps |   image PSNR |            SSIM |  kernel PSNR |      LK-COV |
        | ----------- | ----: | -----------: | --------------: | -----------: | ----------: |
        | bicubic     |     - |        21.00 |          0.5500 |            - |           - |
        | our \| own  |   200 | 27.00 ± 1.41 | 0.7600 ± 0.0141 | 43.00 ± 1.41 | 2.50 ± 0.00 |
        | true kernel |     - |        31.50 |          0.9050 |            - |           - |

        Means over 2 pictures and 2 runs (± standard deviation over runs); PSNR in dB; of LK-COV less is better.

        ## Cost

        | method     | steps | seconds |
        | ---------- | ----: | ------: |
        | our \| own |   200 |    2.00 |

        Means of one picture: finding its kernel on one core, most memory resident meanwhile; SR is the enlarging.

        ## Do better kernels give better pictures?

        | methods           | kernel metric | Pearson | Spearman | points |
        | ----------------- | ------------- | ------: | -------: | -----: |
        | all, over bicubic | kernel PSNR   |       - |        - |      2 |
        | all, over bicubic | LK-COV        |       - |        - |      2 |

        Gain in the kernel metric with gain in image PSNR, picture by picture; 1 is a perfect relation.

        # Left out

        - x2_clean/c is left out: HR does not hold it

        """#)
  }

  /// What is missing from a mean is said beside it.
  @Test func `incomplete rows`() {
    let text = Self.report(Array(Self.scores.dropLast(4)) + [Self.scores[6]]).markdown
    #expect(text.contains("| our \\| own (2 of 4 measured)  |"))
    #expect(text.contains("| true kernel (1 of 2 measured) |"))
  }

  @Test func `kernels only has no empty columns`() {
    let scores = [0, 1].map { Self.score("m", "a", steps: 0, seed: $0, image: nil, kernel: (40, 2)) }
    let text = Self.report(scores, pictures: ["a"], enlarging: nil).markdown
    #expect(text.contains("1 picture, scale 2. Kernels only."))
    #expect(text.contains("| method | steps |  kernel PSNR |      LK-COV |"))
    #expect(!text.contains("Do better kernels"))
  }

  /// Two methods on four pictures; by hand: gains in kernel PSNR 1, 2, 3, 4, in LK-COV 4, 3, 2, 1 (its sign turned), in
  /// image PSNR 2, 4, 6, 8.
  @Test func `relation between two methods`() throws {
    let pictures = ["a", "b", "c", "d"]
    let scores = pictures.enumerated().flatMap { index, name in
      let gain = Double(index + 1)
      return [
        Self.score("bicubic", name, image: (20, 0.5)),
        Self.score("one", name, steps: 1, seed: 0, image: (25, 0.5), kernel: (40, 9)),
        Self.score(
          "two", name, steps: 1, seed: 0, image: (25 + 2 * gain, 0.5), kernel: (40 + gain, 9 - (5 - gain))),
      ]
    }
    let text = Self.report(scores, pictures: pictures).markdown
    #expect(text.contains("| two & one         | kernel PSNR   |   1.000 |    1.000 |      4 |"))
    #expect(text.contains("| two & one         | LK-COV        |  -1.000 |   -1.000 |      4 |"))
  }

  /// The paper's lines stand beside Set14 and nothing else.
  @Test func `the paper stands beside Set14`() {
    let set14 = [
      "baboon", "barbara", "bridge", "coastguard", "comic", "face", "flowers", "foreman", "lenna", "man",
      "monarch",
      "pepper", "ppt3", "zebra",
    ]
    let text = Self.report(pictures: set14).markdown
    #expect(text.contains("| paper: MetaKernelGAN (Tables 1, 2) "))
    #expect(text.contains("|        28.71 |          0.8331 |        46.23 |        2.44 |"))
    #expect(text.contains("| paper: DSKernelGAN, MetaKernelGAN (Table 3) "))
    #expect(text.contains("| paper: MetaKernelGAN & BSRDM (Table 5) "))
    #expect(!Self.report(pictures: Array(set14.dropLast())).markdown.contains("paper"))
  }

  @Test func `CSV quotes what needs it`() {
    var score = Self.score("say \"a, b\"", "line\nbreak", steps: 1, seed: 0, image: (0.1, 1))
    (score.kernelPSNR, score.covarianceBound, score.isConfident) = (.infinity, 1.5, true)
    score.crop = 600
    #expect(
      Self.report([score]).csv == """
        bench,picture,method,checkpoint,steps,seed,image_psnr,image_ssim,kernel_psnr,lk_cov,lr_psnr,sr_noise,seconds,megabytes,\
        sr_seconds,sr_megabytes,lk_cov_bound,confident,crop
        x2_clean,"line
        break","say ""a, b""\",,1,0,0.1,1.0,inf,,,,0.01,,,,1.5,1,600

        """)
  }

  @Test func `JSON holds means and measurements`() throws {
    struct Document: Decodable {
      struct Spread: Decodable { let mean: Double, deviation: Double? }
      struct Row: Decodable { let method: String, means: [String: Spread] }
      struct Bench: Decodable { let rows: [Row] }
      let benches: [Bench], measurements: [Score]
      let leftOut: [String]

      enum CodingKeys: String, CodingKey {
        case benches, measurements
        case leftOut = "left_out"
      }
    }
    let document = try JSONDecoder().decode(Document.self, from: Self.report(faults: ["x"]).json())
    #expect(document.measurements == Self.scores && document.leftOut == ["x"])
    let own = try #require(document.benches[0].rows.first { $0.method == "our | own" })
    #expect(own.means["image_psnr"]?.mean == 27)
    #expect(own.means["image_psnr"]?.deviation == 2.0.squareRoot())
  }

  /// Labels are the user's own text; a page that asks the network for anything fails without one.
  @Test func `page is self contained and escaped`() {
    let scores = [0, 50].map {
      Self.score("<script>&\"", "a", steps: $0, seed: 0, image: nil, kernel: (40 + Double($0), 2))
    }
    let page = Self.report(scores, pictures: ["a"], enlarging: nil, faults: ["<b>"]).page(.empty)
    #expect(!page.contains("<script") && !page.contains("<b>") && page.contains("&lt;script&gt;&amp;&quot;"))
    for address in ["http:", "https:", "src=\"/", "url(", "@import"] { #expect(!page.contains(address)) }
    #expect(page.contains("class=\"curve\""))
  }
}
