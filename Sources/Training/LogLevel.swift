/// How much a line of a training's log matters.
public enum LogLevel: String, Sendable, Encodable { case info, warning, error }
