import Checkpoints
import Foundation
import Imaging
import Support
import Testing

/// Agreement with the authors' code on Set14 comic.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct ReferenceTests {
  private let comic = SharedData.set14("x2_clean/LR/comic.png").path

  @Test func `constant alpha is dropped in silence`() throws {
    let picture = try Picture.read(comic)
    #expect(picture.width == 125 && picture.height == 180)
    #expect(picture.notes.isEmpty && !picture.isGrey && picture.maximum == 255)
  }

  @Test func `the probability map agrees`() throws {
    let golden = try SafeTensors(path: SharedData.reference("estimate_golden.safetensors").path)
    let expected = try golden.floats("probability_map").map(Double.init)
    let map = ProbabilityMap(of: try Picture.read(comic))
    // The file holds float32, which alone makes 3e-8; 1e-5 is what the definition asks for.
    #expect(relativeDifference(map.values, expected) < 1e-6)
  }

  @Test func `the same crops are drawn and cut`() throws {
    let golden = try SafeTensors(path: SharedData.reference("estimate_golden.safetensors").path)
    let picture = try Picture.read(comic)
    let sampler = CropSampler(ProbabilityMap(of: picture))
    var random = MersenneTwister(seed: 7)
    let centres = (0..<200).map { _ in sampler.centre(at: random.uniform()) }
    #expect(try centres == golden.integers("crop_center_index"))
    let corners = centres.map { sampler.topLeft(ofCentre: $0) }
    #expect(try corners.flatMap { [$0.top, $0.left] } == golden.integers("crop_top_left"))
    let patches = corners.prefix(25).flatMap {
      patchValues(picture, top: $0.top, left: $0.left, height: 64, width: 64)
    }
    #expect(try patches == golden.floats("patch"))
  }

  @Test func `every picture of the data decodes`() throws {
    let folders = ["bench/Set14/HR", "bench/Set14/x2_noise_img/LR", "train/bsds400"]
    for folder in folders {
      let url = SharedData.root.appending(path: "data/\(folder)")
      let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
      for file in files.prefix(20) where ["png", "jpg"].contains(file.pathExtension) {
        #expect(throws: Never.self) { try Picture.read(file.path) }
      }
    }
  }
}

/// NumPy's `RandomState`: MT19937 (Matsumoto and Nishimura, 1998) and its 53-bit uniform numbers.
private struct MersenneTwister {
  private var state: [UInt32]
  private var position = 624

  init(seed: UInt32) {
    state = [seed]
    for index in 1..<624 {
      let last = state[index - 1]
      state.append(1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index))
    }
  }

  mutating func uniform() -> Double {
    let high = next() >> 5
    let low = next() >> 6
    return (Double(high) * 67_108_864 + Double(low)) / 9_007_199_254_740_992
  }

  private mutating func next() -> UInt32 {
    if position == 624 { twist() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }

  private mutating func twist() {
    for index in 0..<624 {
      let word = state[index] & 0x8000_0000 | state[(index + 1) % 624] & 0x7FFF_FFFF
      state[index] = state[(index + 397) % 624] ^ word >> 1 ^ (word & 1 == 1 ? 0x9908_B0DF : 0)
    }
    position = 0
  }
}
