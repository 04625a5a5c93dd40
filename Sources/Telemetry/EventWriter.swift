import Foundation
public import Imaging

/// Writes a TensorBoard event file: what `tensorboard --logdir` shows of a run while it goes on and afterwards.
///
/// Every writer begins a new file, and TensorBoard joins the files of a folder by step. A run that is resumed begins
/// at a step that its predecessor may have passed, so the file opens with a session start of that step: TensorBoard
/// then discards what earlier files hold from there on. Its faster reader, the default, knows no session starts; it
/// discards tag by tag, what is at or beyond the step of a tag's next event. A run that comes by the same steps again
/// shows each of them once in both.
///
/// Nothing is kept back: an event that was written is seen at once, and survives the process. To be used from one
/// thread at a time.
public final class EventWriter {
  private let file: EventFile
  private let start: TensorBoardEvent
  private var isFailing = false

  /// The events that could not be written so far.
  public private(set) var lostEvents = 0

  /// The event file.
  public var path: String { file.path }
  /// For tests, which let writing to it fail.
  package var descriptor: Int32 { file.descriptor }

  /// Creates `events.out.tfevents.<seconds>.<host>.<pid>`; it stays empty until the first event.
  ///
  /// - Parameters:
  ///   - folder: must exist.
  ///   - firstStep: the least step that an event to come may have: 0, or where the run is resumed.
  /// - Throws: `TelemetryError.notCreated`.
  public init(folder: String, firstStep: Int) throws(TelemetryError) {
    file = try EventFile(folder: folder)
    start = TensorBoardEvent(
      wallTime: Date.now.timeIntervalSince1970, step: firstStep, content: .sessionStart)
  }

  /// Adds a point to the curve named `tag`; TensorBoard groups tags by what precedes a slash. Kept as a 32-bit float.
  ///
  /// - Throws: `TelemetryError.notWritten`, once until writing works again: meanwhile events are counted as lost and
  ///   nothing is thrown. The file stays readable. A run need not stop for it.
  public func scalar(
    _ tag: String, _ value: Double, step: Int, at time: Date = .now
  ) throws(TelemetryError) {
    try write(.scalar(tag: tag, value), step: step, at: time)
  }

  /// Adds a picture to the series named `tag`.
  ///
  /// - Throws: as `scalar`; `PictureError` if the picture cannot be encoded.
  public func image(_ tag: String, _ picture: Picture, step: Int, at time: Date = .now) throws {
    let png = try picture.encodePNG(name: tag)
    try write(
      .image(tag: tag, png: png, width: picture.width, height: picture.height), step: step, at: time)
  }

  /// Returns when all that was written is safe on the disk. For use with a checkpoint: the curves then reach at least
  /// as far, even if the machine loses power.
  ///
  /// - Throws: `TelemetryError.notWritten`.
  public func flush() throws(TelemetryError) { try file.synchronise() }

  private func write(
    _ content: TensorBoardEvent.Content, step: Int, at time: Date
  ) throws(TelemetryError) {
    let event = TensorBoardEvent(wallTime: time.timeIntervalSince1970, step: step, content: content)
    do {
      // Being together in one write, the head is there whenever an event is.
      try file.append((file.length == 0 ? head : []) + Record.framed(event.encoded()))
      isFailing = false
    } catch {
      lostEvents += 1
      if isFailing { return }
      isFailing = true
      throw error
    }
  }

  private var head: [UInt8] {
    let version = TensorBoardEvent(wallTime: start.wallTime, step: 0, content: .fileVersion)
    return Record.framed(version.encoded()) + Record.framed(start.encoded())
  }
}
