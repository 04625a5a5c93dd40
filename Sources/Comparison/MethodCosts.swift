public import Estimation
import Foundation

/// What each method costs on one picture: the paper's Table 3.
public struct MethodCosts: Sendable {
  /// A method's estimate of one picture.
  public struct Line: Sendable {
    public let method: String
    /// Steps that the method makes of itself.
    public let allSteps: Int
    /// Seconds by the number of steps that were made; empty where it failed.
    public let seconds: [Int: Double]
    public let megabytes: Double?
    /// Why it failed.
    public let failure: String?

    public init(
      method: String, allSteps: Int, seconds: [Int: Double], megabytes: Double?, failure: String?
    ) {
      (self.method, self.allSteps, self.seconds) = (method, allSteps, seconds)
      (self.megabytes, self.failure) = (megabytes, failure)
    }

    /// Seconds of all steps: as measured, or as if all further steps took as long as the last that were made.
    var whole: (seconds: Double, note: String)? {
      let made = seconds.sorted { $0.key < $1.key }
      guard let last = made.last else { return nil }
      guard last.key < allSteps else { return (last.value, "") }
      let first = made.count > 1 ? made[made.count - 2] : (key: 0, value: 0)
      let steps = last.key - first.key
      let step = (last.value - first.value) / Double(max(steps, 1))
      return (
        last.value + step * Double(allSteps - last.key),
        "extrapolated from \(last.value.text(2)) s of \(last.key) steps"
      )
    }
  }

  private let width, height, scale: Int
  private let lines: [Line]

  /// - Parameter width: of the low-resolution picture, in pixels, as is the height.
  public init(width: Int, height: Int, scale: Int, lines: [Line]) {
    (self.width, self.height, self.scale, self.lines) = (width, height, scale, lines)
  }

  /// Columns as wide as their cells.
  public var markdown: String {
    let own = lines.map { line in
      Table.Line(cells: [
        line.method, line.failure.map { "failed: \($0)" } ?? line.whole?.note ?? "", "\(line.allSteps)",
        (line.whole?.seconds).text(2), line.megabytes.text(0),
      ])
    }
    let quoted = Paper.costs.map { cost in
      Table.Line(
        cells: [
          "paper: \(cost.method)", "with a GPU", "-", cost.seconds[scale].text(2),
          cost.gigabytes[scale].map { $0 * 1000 }.text(0),
        ], isQuoted: true)
    }
    return Table(
      title: "One \(width)x\(height) picture, scale \(scale)",
      header: ["method", "note", "steps", "seconds", "MB"], rows: own + quoted,
      note:
        "Each method alone in a process, the picture and its weights in memory: seconds of one estimate, the most memory "
        + "resident meanwhile. The paper's are its Table 3, of the picture reduced from 1356x2040.",
      wordColumns: 2
    ).markdown
  }
}

extension EstimationTask {
  /// One estimate of a picture's kernel by itself, measured like those of an evaluation. Its outcomes are the kernels of so many
  /// steps.
  public init(
    measuring method: String, options: MethodOptions, steps: [Int], picture: String, pixels: Int, scale: Int,
    ownPicture: String
  ) {
    self.init(
      name: method, row: method, picture: picture, region: nil, pixels: pixels, scale: scale,
      method: method, options: options,
      wanted: steps.map { .init(key: "\($0)", seed: 0, steps: $0, ownPicture: ownPicture) })
  }
}
