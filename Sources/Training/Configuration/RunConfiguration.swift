public import MetaLearning
public import TrainingData
import Yams

/// All settings of a run, as they are merged from a file and the command line, and saved with the run.
public struct RunConfiguration: Sendable, Equatable {
  public var training = TrainingSettings()
  public var run = RunSettings()

  public init() {}

  /// The named folders, or the embedded default drawn from the seed.
  public var pictureSource: PictureSource {
    run.data.isEmpty
      ? .deadLeaves(seed: training.seed)
      : .folders(run.data, drawn: run.drawnPictures, seed: training.seed)
  }

  /// Every known key besides `data`.
  private static var keys: [String] {
    TrainingSettings.fields.map(\.name) + RunSettings.fields.map(\.name)
  }

  /// Reads YAML over the defaults.
  public init(yaml: String, source: String) throws(ConfigurationError) {
    try merge(yaml: yaml, source: source)
  }

  /// Reads YAML over what is there.
  /// - Parameter source: the file's name, for errors.
  /// - Throws: `ConfigurationError`.
  public mutating func merge(yaml: String, source: String) throws(ConfigurationError) {
    let node: Node?
    do { node = try Yams.compose(yaml: yaml) } catch {
      throw .notYAML(source: source, reason: "\(error)".split(separator: "\n").joined(separator: " "))
    }
    guard let node else { return }
    guard let mapping = node.mapping else {
      throw .notYAML(source: source, reason: "it is not a mapping of keys to values")
    }
    // What stands beside a preset goes over it, wherever it stands.
    let ordered =
      mapping.filter { $0.key.string == Preset.key } + mapping.filter { $0.key.string != Preset.key }
    for (key, value) in ordered {
      let name = key.string ?? ""
      if name == "data" {
        run.data = try Self.folders(value, source)
      } else {
        guard let text = value.scalar?.string else { throw .noValue(key: name, source: source) }
        try set(name, to: text, source: source)
      }
    }
  }

  private static func folders(_ node: Node, _ source: String) throws(ConfigurationError) -> [String] {
    let items = node.sequence.map { Array($0) } ?? [node]
    let folders = items.compactMap { $0.scalar?.string }
    // An empty value is YAML's null: no folders.
    if folders == [""], node.sequence == nil { return [] }
    guard folders.count == items.count, !folders.contains("") else { throw .badFolders(source: source) }
    return folders
  }

  /// Sets one key; `preset` sets all keys of the preset.
  /// - Throws: `ConfigurationError`, naming the nearest known key where it is unknown.
  public mutating func set(_ key: String, to text: String, source: String) throws(ConfigurationError) {
    if let field = TrainingSettings.fields.first(where: { $0.name == key }) {
      guard field.write(&training, text) else {
        throw .badValue(key: key, value: text, allowed: field.allowed, source: source)
      }
    } else if let field = RunSettings.fields.first(where: { $0.name == key }) {
      guard field.write(&run, text) else {
        throw .badValue(key: key, value: text, allowed: field.allowed, source: source)
      }
    } else if key == Preset.key {
      try take(text, source: source)
    } else {
      throw .unknownKey(key, nearest: Self.nearest(to: key), source: source)
    }
  }

  private mutating func take(_ preset: String, source: String) throws(ConfigurationError) {
    guard let found = Preset.all.first(where: { $0.name == preset }) else {
      let names = Preset.all.map(\.name).joined(separator: ", ")
      throw .badValue(key: Preset.key, value: preset, allowed: names, source: source)
    }
    for (key, value) in found.settings { try set(key, to: value, source: "preset \(preset)") }
    run.preset = preset
  }

  /// - Throws: `ConfigurationError.contradiction`.
  public func validate() throws(ConfigurationError) {
    if let contradiction = training.contradiction { throw .contradiction(contradiction) }
  }

  /// The whole configuration as YAML that reads back as it.
  public var yaml: String {
    var lines = run.preset.map { ["\(Preset.key): \($0)"] } ?? []
    lines += TrainingSettings.fields.map { "\($0.name): \($0.read(training))" }
    lines += RunSettings.fields.map { "\($0.name): \($0.read(run))" }
    if !run.data.isEmpty {
      lines.append("data:")
      lines += run.data.map { "  - \((try? Yams.dump(object: $0).dropLast()) ?? Substring($0))" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The known key with the fewest changed letters.
  static func nearest(to key: String) -> String {
    (keys + ["data", Preset.key]).min { distance($0, key) < distance($1, key) } ?? ""
  }

  /// Levenshtein's edit distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substituted = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, min(row[j], row[j + 1]) + 1)
      }
    }
    return row[b.count]
  }
}
