public import Estimation
import Foundation

/// What each method costs on one picture: the paper's Table 3.
public struct MethodCosts: Sendable {
  /// A method's estimate of one picture.
  public struct Line: Sendable {
    public let method: String
    /// The steps that were made, and those that the method makes of itself.
    public let steps, allSteps: Int
    /// Nil where it failed.
    public let seconds, megabytes: Double?
    /// Why it failed.
    public let failure: String?

    public init(
      method: String, steps: Int, allSteps: Int, seconds: Double?, megabytes: Double?, failure: String?
    ) {
      (self.method, self.steps, self.allSteps) = (method, steps, allSteps)
      (self.seconds, self.megabytes, self.failure) = (seconds, megabytes, failure)
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
      let isWhole = line.steps >= line.allSteps
      let whole = line.seconds.map { isWhole ? $0 : $0 / Double(max(line.steps, 1)) * Double(line.allSteps) }
      let note =
        line.failure.map { "failed: \($0)" }
        ?? (isWhole ? "" : "extrapolated from \(line.seconds.text(2)) s of \(line.steps) steps")
      return Table.Line(cells: [line.method, note, "\(line.allSteps)", whole.text(2), line.megabytes.text(0)])
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

extension EstimateOrder {
  /// One estimate of a picture's kernel by itself, measured like those of an evaluation. Its outcome is one kernel.
  public init(
    measuring method: String, options: MethodOptions, steps: Int, picture: String, pixels: Int, scale: Int,
    ownPicture: String
  ) {
    self.init(
      name: method, row: method, picture: picture, pixels: pixels, scale: scale, method: method,
      options: options,
      wanted: [.init(key: method, seed: 0, steps: steps, ownPicture: ownPicture)])
  }
}
