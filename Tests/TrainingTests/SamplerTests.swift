import MetaLearning
import Support
import Testing
import TrainingData

@Suite struct SamplerTests {
  /// What is shown as a task's true kernel is the one that it was computed with.
  @Test(arguments: TrainingSettings.Algorithm.allCases)
  func `a task's kernel is drawn again alone`(algorithm: TrainingSettings.Algorithm) throws {
    let folder = try TemporaryFolder()
    let pictures = try PictureSet(.deadLeaves(seed: 1, count: 4), file: folder.file("data").path)
    var settings = TrainingSettings()
    (settings.algorithm, settings.seed, settings.imageNoise) = (algorithm, 5, 0.04)
    let sampler = TaskSampler(pictures, settings)
    for step in [0, 1, 70_000] {
      for index in 0..<4 {
        #expect(try sampler.kernel(step: step, index: index) == sampler.task(step: step, index: index).kernel)
      }
    }
  }
}
