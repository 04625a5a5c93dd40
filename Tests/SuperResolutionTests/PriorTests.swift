import Checkpoints
import Numerics
import SuperResolution
import Support
import Testing

@Suite("Prior")
struct PriorTests {
  /// Sides that are and are not multiples of 8, and one wide enough for several runs of tiles at every level.
  @Test(arguments: [(21, 13), (8, 8), (1, 1), (40, 24), (264, 10)])
  func `agrees with plain double precision`(width: Int, height: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("weights.safetensors").path
    let file = try USRNetWeights.writeRandom(to: path)
    var random = Philox(key: 3)
    let planes = Planes(width: width, height: height)
    var input = NaivePrior.Map(channels: 4, height: height, width: width)
    for channel in 0..<3 {
      for index in 0..<width * height {
        let value = Float(random.uniform())
        planes.plane(channel)[index] = value
        input[channel, index / width, index % width] = Double(value)
      }
    }
    for index in 0..<width * height { input[3, index / width, index % width] = Double(Float(0.3)) }

    let network = try ResUNet(USRNetWeights(path: path), width: width, height: height)
    network.run(planes, noise: 0.3)
    let expected = try NaivePrior(file: file).run(input)
    var difference = 0.0
    var size = 0.0
    for channel in 0..<3 {
      for index in 0..<width * height {
        let value = expected[channel, index / width, index % width]
        difference = max(difference, abs(value - Double(planes.plane(channel)[index])))
        size = max(size, abs(value))
      }
    }
    // Winograd's transforms lose about two bits to direct sums, here after 21 layers one behind the other: worst seen
    // 4e-6.
    #expect(difference <= 2e-5 * size, "\(difference) of \(size)")
  }
}
