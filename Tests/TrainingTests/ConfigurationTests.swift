import MetaLearning
import Testing
import Training

@Suite("Configuration")
struct ConfigurationTests {
  @Test func `reads over the defaults`() throws {
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
  @Test func `saved reads back`() throws {
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
  func `refuses with one sentence`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: yaml, source: "run.yaml")
    }
    #expect(error?.description == message)
  }

  @Test func `broken YAML is one line`() {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: "a: [1", source: "run.yaml")
    }
    #expect(error?.description.hasPrefix("run.yaml: not a configuration in YAML: ") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `contradictions are told`() throws {
    var configuration = RunConfiguration()
    try configuration.set("evaluation-interval", to: "7", source: "test")
    #expect(
      throws: ConfigurationError.contradiction("evaluation-interval 7 does not divide adaptation-steps 25")
    ) {
      try configuration.validate()
    }
  }

  // MARK: folders

  @Test(arguments: [
    ("data: one", ["one"]), ("data: [a, b c]", ["a", "b c"]), ("data:\n  - a\n  - \"b: c\"", ["a", "b: c"]),
    ("data:", []), ("data: []", []), ("data: 2024", ["2024"]),
  ])
  func `folders are a folder or a list`(yaml: String, folders: [String]) throws {
    #expect(try RunConfiguration(yaml: yaml, source: "run.yaml").run.data == folders)
  }

  /// Instead of training on drawn pictures without a word.
  @Test(arguments: [
    "data: {photos: here}", "data:\n  photos: here", "data: [a, [b]]", "data: [a, {b: c}]", "data: ['']",
  ])
  func `other kinds of folders are refused`(yaml: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: yaml, source: "run.yaml")
    }
    #expect(error?.description == "run.yaml: 'data' needs a folder or a list of folders")
  }

  // MARK: presets

  @Test(arguments: Preset.all)
  func `presets are valid and read back`(preset: Preset) throws {
    var configuration = RunConfiguration()
    try configuration.set("preset", to: preset.name, source: "test")
    try configuration.validate()
    #expect(configuration.run.preset == preset.name)
    for (key, value) in preset.settings {
      var again = configuration
      try again.set(key, to: value, source: "test")
      #expect(again == configuration, "\(key) is not set twice")
    }
    #expect(try RunConfiguration(yaml: configuration.yaml, source: "saved") == configuration)
  }

  @Test func `what stands beside a preset goes over it`() throws {
    let yaml = "steps: 5\npreset: best\nimage-noise: 0.1\n"
    let configuration = try RunConfiguration(yaml: yaml, source: "run.yaml")
    #expect(configuration.run.steps == 5 && configuration.training.imageNoise == 0.1)
    #expect(configuration.training.algorithm == .conditioned && configuration.training.cropSide == 320)
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: "preset: bset", source: "run.yaml")
    }
    #expect(
      error?.description
        == "run.yaml: 'preset' cannot be 'bset': paper, best, best-jpeg, best-x4, best-x4-jpeg")
  }
}
