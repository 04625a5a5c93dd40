import Foundation
import RunDirectory
import Synchronization

/// Figures for Prometheus, in its text format 0.0.4. Written here: no Swift library for it could be had where this is
/// built, and it takes less than one to set up.
final class Metrics: Sendable {
  private struct Kind: Hashable { let route: String, method: String, status: Int }
  private struct Times { var count = 0, seconds = 0.0 }

  private let answered = Mutex<[Kind: Times]>([:])

  func count(route: String, method: String, status: Int, seconds: Double) {
    answered.withLock { answered in
      answered[Kind(route: route, method: method, status: status), default: Times()].count += 1
      answered[Kind(route: route, method: method, status: status), default: Times()].seconds += seconds
    }
  }

  func text(_ load: (waiting: Int, running: Int), _ runs: [RunReport]) -> String {
    let answered = answered.withLock { $0 }.sorted {
      ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
    }
    .map { kind, times in
      (["route": kind.route, "method": kind.method, "status": "\(kind.status)"], times)
    }
    var page = TextPage()
    page.add(
      "http_requests_total", "counter", "Requests answered.", answered.map { ($0, Double($1.count)) })
    page.add(
      "http_request_seconds_total", "counter", "Seconds from their heads to their answers' first bytes.",
      answered.map { ($0, $1.seconds) })
    page.add(
      "pictures_waiting", "gauge", "Pictures sent that wait for their turn.", [([:], Double(load.waiting))])
    page.add("pictures_running", "gauge", "Pictures sent that are worked on.", [([:], Double(load.running))])
    func each(_ value: (RunReport) -> Double?) -> [([String: String], Double)] {
      runs.compactMap { run in value(run).map { (["run": run.name], $0) } }
    }
    page.add("run_training", "gauge", "Whether the run trains now.", each { $0.state == "training" ? 1 : 0 })
    page.add(
      "run_step", "gauge", "Outer steps done.", each { Double($0.status?.step ?? $0.latest?.step ?? 0) })
    page.add("run_tasks_per_second", "gauge", "Tasks folded per second.", each { $0.status?.tasksPerSecond })
    page.add(
      "run_workers", "gauge", "Workers of the run.", each { ($0.status?.workers.count).map(Double.init) })
    page.add(
      "run_checkpoints", "gauge", "Checkpoints of the run that are served.", each { Double($0.checkpoints) })
    page.add(
      "run_best_kernel_psnr_decibels", "gauge",
      "Kernel PSNR of the best checkpoint on held-out tasks, after adaptation.",
      each { $0.best?.heldOut?.psnrAfter })
    addNoise(runs, to: &page)
    addFaults(runs, to: &page)
    return page.text
  }

  private func addNoise(_ runs: [RunReport], to page: inout TextPage) {
    let scales = runs.flatMap { run in
      (run.status?.noiseScale?.byNetwork ?? [:]).sorted { $0.key < $1.key }
        .map { (["run": run.name, "network": $0.key], $0.value) }
    }
    page.add(
      "run_gradient_noise_scale_tasks", "gauge", "Batch beyond which more tasks a step gain little.", scales)
  }

  /// What went wrong in trainings, and was mended.
  private func addFaults(_ runs: [RunReport], to page: inout TextPage) {
    typealias Faults = RunStatus.Faults
    func each(_ path: KeyPath<Faults, Int>) -> [([String: String], Double)] {
      runs.compactMap { run in (run.status?.faults).map { (["run": run.name], Double($0[keyPath: path])) } }
    }
    let refused = runs.flatMap { run in
      (run.status?.faults?.refused ?? [:]).sorted { $0.key < $1.key }
        .map { (["run": run.name, "reason": $0.key], Double($0.value)) }
    }
    page.add("run_results_refused_total", "counter", "Results that did not count.", refused)
    let counters: [(name: String, help: String, path: KeyPath<Faults, Int>)] = [
      ("tasks_reissued", "Tasks given to a second worker because the first was slow.", \.reissued),
      ("replays", "Tasks computed again by the coordinator.", \.replays),
      ("tasks_diverged", "Tasks left out because they diverged.", \.diverged),
      ("restarts", "Steps done again.", \.restarts), ("workers_lost", "Workers lost.", \.lost),
      ("quarantines", "Workers turned away for good.", \.quarantines),
      ("reconnections", "Workers that joined another time.", \.reconnections),
      ("lease_waits", "Waits for another coordinator's lease.", \.leaseWaits),
    ]
    for counter in counters {
      page.add("run_\(counter.name)_total", "counter", counter.help, each(counter.path))
    }
  }
}

private struct TextPage {
  private(set) var text = ""

  mutating func add(_ name: String, _ type: String, _ help: String, _ values: [([String: String], Double)]) {
    let name = "metakernelgan_" + name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    for (labels, value) in values {
      let list = labels.sorted { $0.key < $1.key }.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(
        separator: ",")
      text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
    }
  }

  private static func escaped(_ label: String) -> String {
    label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
