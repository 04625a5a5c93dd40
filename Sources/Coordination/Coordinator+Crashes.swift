import Messages

/// Signals that a task can be the cause of. SIGKILL and SIGTERM come from outside.
enum Crashes {
  /// SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE and SIGSEGV, by Linux's numbers.
  static let signals: Set<Int> = [4, 5, 6, 7, 8, 11]
}

// A task that crashes whoever computes it ends the run. Workers of other programs can only say so; then the task is computed
// here, and that decides.

extension Coordinator {
  /// Counts a death against the task that was being computed, once however often it is reported.
  ///
  /// - Parameter isCertain: whether the process was one of this program's own.
  mutating func mark(_ crash: Crash, worker: String, isCertain: Bool) {
    guard Crashes.signals.contains(crash.signal), crash.run == configuration.run,
      crash.task.round == round.id, round.tasks.indices.contains(crash.task.index),
      isCertain || round.tasks[crash.task.index].given.contains(worker)
    else { return }
    let isNew = roster.record(worker) { record in
      defer { record.lastCrash = max(record.lastCrash, crash.number) }
      return crash.number > record.lastCrash
    }
    // By its full name: whoever supervises a process knows the index alone.
    if isNew {
      let mark = CrashMark(worker: worker, isCertain: isCertain, signal: crash.signal)
      add(mark, to: round.task(crash.task.index))
    }
  }

  mutating func add(_ mark: CrashMark, to task: TaskID) {
    guard task.round == round.id, round.tasks.indices.contains(task.index) else { return }
    round.marks[task.index, default: []].append(mark)
    let marks = round.marks[task.index, default: []]
    note(.crashed(worker: mark.worker, signal: mark.signal, task, marks: marks.count))
    if marks.count(where: \.isCertain) >= configuration.policy.marks {
      finish(.crashingTask(task, seed: configuration.seed, crashes: marks.count))
    } else if marks.count >= configuration.policy.marks {
      confirmCrashes(of: task.index, count: marks.count)
    }
  }

  private mutating func confirmCrashes(of index: Int, count: Int) {
    switch round.tasks[index].progress {
    case .open: break
    case .witnessed(_, let id): actions.append(.discard(id))
    case .disputed, .accepted, .folded, .diverged: return
    }
    dispute(index, candidates: [], because: .crashes(count))
  }

  /// A task said to crash processes was computed here without harm: whoever said so has a faulty machine or lies.
  mutating func blameReporters(of task: TaskID) {
    let reporters = round.marks.removeValue(forKey: task.index) ?? []
    for name in Set(reporters.filter { !$0.isCertain }.map(\.worker)).sorted() {
      strike(name, because: "it died of \(task), which is computed here without harm")
    }
  }
}
