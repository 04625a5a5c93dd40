import Testing

extension Tag {
  /// Suites that run whole programs, trainings or benchmarks and take most of the time. `scripts/test` finds them by this
  /// tag, and runs them last.
  @Tag public static var slow: Tag
}
