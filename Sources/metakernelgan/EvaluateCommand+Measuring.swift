import ArgumentParser
import Comparison
import Foundation
import Platform

// MARK: Measuring and writing

extension EvaluateCommand {
  func folder(_ name: String) -> URL { URL(filePath: out).appending(path: name) }

  func makeFolders() throws {
    do {
      try FileManager.default.createDirectory(at: folder("crops"), withIntermediateDirectories: true)
    } catch {
      throw Exit.because("\(out): cannot make this folder: \(error.localizedDescription)", Exit.cannotCreate)
    }
  }

  func openLedger() throws -> Ledger {
    do {
      let ledger = try Ledger(path: folder("measurements.jsonl").path)
      for line in ledger.foreignLines {
        Console.note("\(ledger.path), line \(line): no measurement of this program; left as it is")
      }
      return ledger
    } catch { throw Exit.because(error, Exit.cannotCreate) }
  }

  /// Ctrl-C ends the process at once, and its children with it; the ledger holds every measurement that was made.
  /// - Returns: what could not be measured.
  func measure(_ evaluation: Evaluation, _ ledger: Ledger) throws -> [String] {
    let child = MeasuringChild(folder: folder("crops"))
    let progress = EvaluationProgress(Workload(evaluation, in: ledger, jobs: work.count))
    let signals = Signals(ending: { number in
      progress.finish()
      Console.complain(
        "interrupted; every measurement that was made is kept, and the same call goes on with the others")
      _exit(128 + number)
    })
    defer {
      signals.stop()
      progress.finish()
    }
    do {
      let faults = try evaluation.run(
        ledger, jobs: work.count,
        measure: { task, report in
          try progress.following(task) { advance in try child.measure(task, report, onProgress: advance) }
        })
      for fault in faults { progress.line("metakernelgan: " + fault) }
      return faults
    } catch { throw Exit.because(error, Exit.cannotCreate) }
  }

  func write(_ report: Report, _ gallery: Gallery) throws {
    Console.result(report.markdown)
    do {
      try writeAtomically(Array(report.markdown.utf8), to: folder("report.md").path)
      try writeAtomically(Array(report.csv.utf8), to: folder("report.csv").path)
      try writeAtomically(Array(report.json()), to: folder("report.json").path)
      try writeAtomically(Array(report.page(gallery).utf8), to: html ?? folder("report.html").path)
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
  }
}
