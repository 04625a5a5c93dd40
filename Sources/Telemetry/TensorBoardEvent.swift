internal import CTensorBoard

/// What one record of an event file holds.
struct TensorBoardEvent {
  /// Seconds since 1970.
  var wallTime: Double
  var step: Int
  var content: Content

  enum Content {
    /// The first record of every file.
    case fileVersion
    /// Makes TensorBoard discard what earlier files hold from this step on.
    case sessionStart
    case scalar(tag: String, Double)
    case image(tag: String, png: [UInt8], width: Int, height: Int)
  }
}

extension TensorBoardEvent {
  /// The event as protobuf.
  func encoded() -> [UInt8] {
    switch content {
    case .fileVersion:
      "brain.Event:2".withCString { version in
        packed {
          $0.what_case = TENSORBOARD__EVENT__WHAT_FILE_VERSION
          $0.file_version = UnsafeMutablePointer(mutating: version)
        }
      }
    case .sessionStart:
      withMessage(tensorboard__session_log__init) { log in
        log.pointee.status = TENSORBOARD__SESSION_LOG__SESSION_STATUS__START
        return packed {
          $0.what_case = TENSORBOARD__EVENT__WHAT_SESSION_LOG
          $0.session_log = log
        }
      }
    case .scalar(let tag, let scalar):
      packed(tag) {
        $0.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_SIMPLE_VALUE
        $0.simple_value = Float(scalar)
      }
    case .image(let tag, let png, let width, let height):
      packed(tag, png, width: width, height: height)
    }
  }

  private func packed(_ tag: String, _ png: [UInt8], width: Int, height: Int) -> [UInt8] {
    var png = png
    return png.withUnsafeMutableBufferPointer { png in
      withMessage(tensorboard__summary__image__init) { image in
        (image.pointee.width, image.pointee.height) = (Int32(width), Int32(height))
        image.pointee.encoded_image_string = ProtobufCBinaryData(len: png.count, data: png.baseAddress)
        return packed(tag) {
          $0.value_case = TENSORBOARD__SUMMARY__VALUE__VALUE_IMAGE
          $0.image = image
        }
      }
    }
  }

  /// An event with a summary of one value.
  private func packed(_ tag: String, _ fill: (inout Tensorboard__Summary__Value) -> Void) -> [UInt8] {
    tag.withCString { tag in
      withMessage(tensorboard__summary__value__init) { value in
        value.pointee.tag = UnsafeMutablePointer(mutating: tag)
        fill(&value.pointee)
        var only: UnsafeMutablePointer<_>? = value
        return withUnsafeMutablePointer(to: &only) { packedSummary($0) }
      }
    }
  }

  private func packedSummary(
    _ value: UnsafeMutablePointer<UnsafeMutablePointer<Tensorboard__Summary__Value>?>
  ) -> [UInt8] {
    withMessage(tensorboard__summary__init) { summary in
      (summary.pointee.n_value, summary.pointee.value) = (1, value)
      return packed {
        $0.what_case = TENSORBOARD__EVENT__WHAT_SUMMARY
        $0.summary = summary
      }
    }
  }

  private func packed(_ fill: (inout Tensorboard__Event) -> Void) -> [UInt8] {
    withMessage(tensorboard__event__init) { event in
      (event.pointee.wall_time, event.pointee.step) = (wallTime, Int64(step))
      fill(&event.pointee)
      return [UInt8](unsafeUninitializedCapacity: tensorboard__event__get_packed_size(event)) {
        $1 = tensorboard__event__pack(event, $0.baseAddress)
      }
    }
  }
}

/// Lends a message made by protobuf-c's own initialiser. What it points to is lent by the scopes around:
/// packing only reads.
private func withMessage<Message>(
  _ initialise: (UnsafeMutablePointer<Message>?) -> Void,
  _ body: (UnsafeMutablePointer<Message>) -> [UInt8]
) -> [UInt8] {
  withUnsafeTemporaryAllocation(of: Message.self, capacity: 1) { memory in
    guard let message = memory.baseAddress else { return [] }
    initialise(message)
    return body(message)
  }
}
