import MetaLearning
import Testing
import Training

@Suite("Configuration")
struct ConfigurationTests {
  @Test func readsOverTheDefaults() throws {
    let yaml = """
      # a comment
      task-batch-size: 4
      rate-scaling: sqrt
      steps: 25000
      data: [photos, "more photos"]
      """
    let configuration = try RunConfiguration(yaml: yaml, source: "run.yaml")
    #expect(configuration.training.taskBatchSize == 4 && configuration.training.rateScaling == .sqrt)
    #expect(configuration.run.steps == 25_000 && configuration.run.data == ["photos", "more photos"])
    #expect(configuration.training.loop == .paper)
    #expect(try RunConfiguration(yaml: "", source: "empty") == RunConfiguration())
  }

  /// What is saved with a run reads back as it.
  @Test func savedReadsBack() throws {
    var configuration = RunConfiguration()
    try configuration.set("seed", to: "18446744073709551615", source: "test")
    try configuration.set("image-noise", to: "0.039", source: "test")
    configuration.run.data = ["a: b", "- c", "d'e", "# f"]
    #expect(try RunConfiguration(yaml: configuration.yaml, source: "saved") == configuration)
  }

  /// An unknown key names the nearest known one; a value that cannot be says what can.
  @Test(arguments: [
    ("task-batchsize: 4", "run.yaml: unknown key 'task-batchsize'; did you mean 'task-batch-size'?"),
    ("sed: 4", "run.yaml: unknown key 'sed'; did you mean 'seed'?"),
    ("rate-scaling: cubic", "run.yaml: 'rate-scaling' cannot be 'cubic': none, sqrt, linear"),
    ("steps: -1", "run.yaml: 'steps' cannot be '-1': a whole number from 1 to 1000000000"),
    ("verify: 2", "run.yaml: 'verify' cannot be '2': a number from 0 to 1"),
    ("steps: [1, 2]", "run.yaml: 'steps' needs one value"),
    ("- a", "run.yaml: not a configuration in YAML: it is not a mapping of keys to values"),
  ])
  func refusesWithOneSentence(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: yaml, source: "run.yaml")
    }
    #expect(error?.description == message)
  }

  @Test func brokenYAMLIsOneLine() {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: "a: [1", source: "run.yaml")
    }
    #expect(error?.description.hasPrefix("run.yaml: not a configuration in YAML: ") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func contradictionsAreTold() throws {
    var configuration = RunConfiguration()
    try configuration.set("evaluation-interval", to: "7", source: "test")
    #expect(
      throws: ConfigurationError.contradiction("evaluation-interval 7 does not divide adaptation-steps 25")
    ) {
      try configuration.validate()
    }
  }
}
