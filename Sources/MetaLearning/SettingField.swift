/// One setting by its name in configuration files, checkpoints and on the command line.
public struct SettingField<Settings>: Sendable {
  public let name: String
  /// What the setting may be, for error messages.
  public let allowed: String
  /// The value as text, exactly.
  public let read: @Sendable (Settings) -> String
  /// Takes the text as a value; false where it is none that the setting can have.
  public let write: @Sendable (inout Settings, String) -> Bool
  /// Whether files from before there was this setting are read with its usual value, and written as they were.
  public var isLater = false

  /// The same field as one that came later.
  var later: SettingField {
    var field = self
    field.isLater = true
    return field
  }

  public static func number<Value: LosslessStringConvertible & Sendable>(
    _ name: String, _ path: WritableKeyPath<Settings, Value> & Sendable, allowed: String,
    accepts: @escaping @Sendable (Value) -> Bool
  ) -> SettingField {
    SettingField(
      name: name, allowed: allowed, read: { "\($0[keyPath: path])" },
      write: { settings, text in
        guard let value = Value(text), accepts(value) else { return false }
        settings[keyPath: path] = value
        return true
      })
  }

  public static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ path: WritableKeyPath<Settings, Value> & Sendable
  ) -> SettingField where Value.RawValue == String {
    SettingField(
      name: name, allowed: Value.allCases.map(\.rawValue).joined(separator: ", "),
      read: { $0[keyPath: path].rawValue },
      write: { settings, text in
        guard let value = Value(rawValue: text) else { return false }
        settings[keyPath: path] = value
        return true
      })
  }
}
