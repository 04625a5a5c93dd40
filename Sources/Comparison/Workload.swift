/// How far an evaluation is, and how long the rest will take. Seconds a unit are measured for each kind of task by itself:
/// one method takes milliseconds and another an hour.
public struct Workload: Sendable {
  private struct Kind {
    var total = 0.0, done = 0.0
    /// What the finished tasks took.
    var seconds = 0.0
    /// Not finished yet.
    var parts = 0
  }

  /// Kernels are found in the first phase of an evaluation, and enlarged with in the second.
  private struct Phase {
    var seconds = 0.0
    var parts = 0

    /// One part occupies one core, however many there are.
    func span(jobs: Int) -> Double { seconds / Double(max(min(jobs, parts), 1)) }
  }

  private struct Running {
    let kind: String
    let units: Double
    let begin: Double
    var share = 0.0
  }

  private var kinds: [String: Kind] = [:]
  private var running: [String: Running] = [:]
  private var tasks = 0, finished = 0
  private let jobs: Int

  /// - Parameters:
  ///   - evaluation: whose missing measurements are to be made.
  ///   - jobs: tasks worked on at a time.
  public init(_ evaluation: Evaluation, in ledger: Ledger, jobs: Int) {
    let kernels = evaluation.missingKernels(in: ledger)
    self.init(kernels + evaluation.missingImages(in: ledger), jobs: jobs)
    guard evaluation.enlarging != nil else { return }
    // Kernels that are yet to be found will be enlarged with, once for each noise setting of the benchmark.
    let settings = Double(evaluation.benches.map(\.noises.count).max() ?? 1)
    for case .estimate(let task) in kernels {
      kinds["enlarging", default: Kind()].total += Double(task.pixels * task.wanted.count) * settings
    }
    kinds["enlarging", default: Kind()].parts += kernels.count
    tasks += kernels.count
  }

  package init(_ tasks: [EvaluationTask], jobs: Int) {
    (self.tasks, self.jobs) = (tasks.count, jobs)
    for task in tasks {
      kinds[task.kind, default: Kind()].total += task.units
      kinds[task.kind]?.parts += 1
    }
  }

  /// - Parameter now: in seconds, of any clock.
  public mutating func begin(_ task: EvaluationTask, at now: Double) {
    running[task.name] = Running(kind: task.kind, units: task.units, begin: now)
  }

  /// - Parameter share: of the task that is done, from 0 to 1.
  public mutating func advance(_ task: EvaluationTask, to share: Double) { running[task.name]?.share = share }

  public mutating func end(_ task: EvaluationTask, at now: Double) {
    guard let one = running.removeValue(forKey: task.name) else { return }
    kinds[one.kind]?.done += one.units
    kinds[one.kind]?.seconds += now - one.begin
    kinds[one.kind]?.parts -= 1
    finished += 1
  }

  /// Seconds until everything is measured, so far as they can be told. `isWhole` says whether every kind of task that is
  /// left has been timed; otherwise it will take longer. Nil where nothing has been timed yet.
  public func remaining(at now: Double) -> (seconds: Double, isWhole: Bool)? {
    var (isWhole, isTimed) = (true, false)
    var byEnlarging: [Bool: Phase] = [:]
    for (name, kind) in kinds where kind.total > 0 {
      let isEnlarging = name == "enlarging"
      byEnlarging[isEnlarging, default: Phase()].parts += kind.parts
      let own = running.values.filter { $0.kind == name && $0.share > 0 }
      let done = kind.done + own.reduce(0) { $0 + $1.share * $1.units }
      let left = max(kind.total - done, 0)
      guard done > 0 else {
        isWhole = isWhole && left == 0
        continue
      }
      isTimed = true
      byEnlarging[isEnlarging]?.seconds +=
        left * (kind.seconds + own.reduce(0) { $0 + now - $1.begin }) / done
    }
    return isTimed ? (byEnlarging.values.reduce(0) { $0 + $1.span(jobs: jobs) }, isWhole) : nil
  }

  /// A line for people: how many parts are done, how long the rest will take, and what is being worked on.
  public func summary(at now: Double) -> String {
    let left = remaining(at: now).map { "\($0.isWhole ? "" : "more than ")\(Self.span($0.seconds)) left" }
    let current = running.sorted { $0.value.begin < $1.value.begin }.prefix(2).map { name, one in
      one.share > 0 ? "\(name) \(Int(one.share * 100)) %" : name
    }
    return (["\(finished) of \(max(tasks, finished)) parts"] + [left].compactMap(\.self) + current)
      .joined(separator: "; ")
  }

  /// `40 s`, `12 min`, `3 h 5 min`.
  package static func span(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
    if whole < 100 { return "\(whole) s" }
    let minutes = (whole + 59) / 60
    return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
