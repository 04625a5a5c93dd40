import Testing

/// Runs `body` and holds the text of the error that it must throw.
public func expectError<Result>(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) {
  #expect(errorText(sourceLocation, body) == text, sourceLocation: sourceLocation)
}

public func expectError<Result>(
  containing part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) {
  let text = errorText(sourceLocation, body)
  #expect(text.contains(part), sourceLocation: sourceLocation)
  #expect(!text.contains("\n"), "errors are one line", sourceLocation: sourceLocation)
}

private func errorText<Result>(_ sourceLocation: SourceLocation, _ body: () throws -> Result) -> String {
  let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { _ = try body() }
  return error.map { "\($0)" } ?? ""
}
