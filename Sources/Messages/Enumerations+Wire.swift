internal import CWire

// Swift's enumerations and C's, both ways.

extension InnerLoopSettings.Real {
  var wire: Wire__RealVariant {
    switch self {
    case .groundTruthSon: WIRE__REAL_VARIANT__GROUND_TRUTH_SON
    case .lr: WIRE__REAL_VARIANT__LR
    }
  }

  init(_ wire: Wire__RealVariant) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, "inner_loop.real")
  }
}

extension WorkerReport.Level {
  var wire: Wire__ReportLevel {
    switch self {
    case .warning: WIRE__REPORT_LEVEL__WARNING
    case .error: WIRE__REPORT_LEVEL__ERROR
    }
  }

  init(_ wire: Wire__ReportLevel) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, "report.level")
  }
}

extension Rejection.Reason {
  var wire: Wire__RejectionReason {
    switch self {
    case .otherProtocol: WIRE__REJECTION_REASON__OTHER_PROTOCOL
    case .otherVersion: WIRE__REJECTION_REASON__OTHER_VERSION
    case .otherArchitecture: WIRE__REJECTION_REASON__OTHER_ARCHITECTURE
    case .canaryDiffers: WIRE__REJECTION_REASON__CANARY_DIFFERS
    case .quarantined: WIRE__REJECTION_REASON__QUARANTINED
    case .noProgress: WIRE__REJECTION_REASON__NO_PROGRESS
    case .nameTaken: WIRE__REJECTION_REASON__NAME_TAKEN
    }
  }

  init(_ wire: Wire__RejectionReason) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, "rejection.reason")
  }
}

extension ShutdownReason {
  var wire: Wire__ShutdownReason {
    switch self {
    case .finished: WIRE__SHUTDOWN_REASON__FINISHED
    case .interrupted: WIRE__SHUTDOWN_REASON__INTERRUPTED
    case .failed: WIRE__SHUTDOWN_REASON__FAILED
    }
  }

  init(_ wire: Wire__ShutdownReason) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, "shutdown.reason")
  }
}

extension RoundID.Kind {
  var wire: Wire__RoundKind {
    switch self {
    case .training: WIRE__ROUND_KIND__TRAINING
    case .evaluation: WIRE__ROUND_KIND__EVALUATION
    }
  }

  init(_ wire: Wire__RoundKind, _ field: String) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, field)
  }
}

extension PublisherReply.Refusal.Reason {
  var wire: Wire__PublisherRefusalReason {
    switch self {
    case .unreadableRequest: WIRE__PUBLISHER_REFUSAL_REASON__UNREADABLE_REQUEST
    case .notServed: WIRE__PUBLISHER_REFUSAL_REASON__NOT_SERVED
    case .ambiguousRun: WIRE__PUBLISHER_REFUSAL_REASON__AMBIGUOUS_RUN
    case .tooBusy: WIRE__PUBLISHER_REFUSAL_REASON__TOO_BUSY
    }
  }

  init(_ wire: Wire__PublisherRefusalReason) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, "refusal.reason")
  }
}

extension EstimatorReply.Refusal.Reason {
  var wire: Wire__EstimatorRefusalReason {
    switch self {
    case .unreadableOrder: WIRE__ESTIMATOR_REFUSAL_REASON__UNREADABLE_ORDER
    case .badPicture: WIRE__ESTIMATOR_REFUSAL_REASON__BAD_PICTURE
    case .queueFull: WIRE__ESTIMATOR_REFUSAL_REASON__QUEUE_FULL
    case .stopping: WIRE__ESTIMATOR_REFUSAL_REASON__STOPPING
    }
  }

  init(_ wire: Wire__EstimatorRefusalReason) throws(MessageError) {
    self = try Self.allCases.standing(for: wire, \.wire, "refusal.reason")
  }
}

extension Array {
  /// The case whose C enumerator is `value`.
  fileprivate func standing<C: RawRepresentable<UInt32>>(
    for value: C, _ wire: (Element) -> C, _ field: String
  ) throws(MessageError) -> Element {
    guard let found = first(where: { wire($0).rawValue == value.rawValue }) else {
      throw .outOfRange(field: field, allowed: "a known value", actual: "\(value.rawValue)")
    }
    return found
  }
}
