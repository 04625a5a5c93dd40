import ArgumentParser
import Comparison
import Restoration

/// Prints what `scripts/fit-judge` reads.
struct JudgeDataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge-data",
    abstract: "Print samples to teach the judge of enlargements on (scripts/fit-judge).",
    discussion: """
      Each sample is a part of a picture, degraded at random as cameras, scanners and screens do it, and enlarged. Lines of \
      comma-separated values, a header first. Sample N of the same pictures is always the same.
      """,
    shouldDisplay: false)

  @Argument(help: "Folders of high-resolution pictures.", completion: .directory)
  var folders: [String]

  @Option(help: "The first sample's number.")
  var first = 0

  @Option(help: "How many samples.")
  var count = 100

  func validate() throws {
    guard first >= 0, (1...1_000_000).contains(count), first <= 1_000_000_000 else {
      throw ValidationError("--first must be from 0, --count from 1.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    let list: PictureList
    do { list = try PictureList(folders) } catch { throw Exit.because(error, Exit.data) }
    let pictures = list.pictures.map { (name: $0.stem, path: $0.path) }.sorted { $0.path < $1.path }
    do {
      let restorer = try Restorer()
      Console.result(JudgeSample.header)
      for index in first..<first + count {
        Console.result(try JudgeSample(JudgeDraw(index: index, of: pictures), restorer: restorer).line)
      }
    } catch { throw Exit.because("\(error)", Exit.data) }
  }
}
