import Imaging
import Platform

/// Enlarges a picture's tiles, several at a time, each on a thread of its own; the caller's thread puts the results in
/// their places. Tiles and their results are the same for any number of threads.
struct TileWork: Sendable {
  let picture: Picture
  let network: any EnlargingNetwork
  let task: EnlargingTask
  let tiles: [Tiling.Tile]
  let border: SuperResolver.Border

  /// What the threads share.
  private struct Progress {
    /// The first tile that nobody has taken.
    var next = 0
    /// Parts of each tile done; all have equally many.
    var done: [Int]
    var parts = 1
    var finished: [(tile: Int, planes: Planes)] = []
    var failure: SuperResolutionError?
    var isCancelled = false
    /// What of `done` the caller was told.
    var told = 0

    var isEnding: Bool { isCancelled || failure != nil }
  }

  /// What the caller's thread is woken for.
  private enum News {
    case progress(done: Int, of: Int)
    case finished
    case failed(SuperResolutionError)
  }

  /// Seconds after which the caller's thread looks whether the work is still wanted, where nothing else wakes it.
  private static let patience = 0.1

  /// - Throws: `SuperResolutionError.cancelled`, or what kept a tile from being enlarged. No thread runs on.
  func run(
    threads: Int, isCancelled: () -> Bool, onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Picture {
    var canvas = Canvas(
      width: task.scale * picture.width, height: task.scale * picture.height, like: picture)
    if tiles.count == 1 || threads <= 1 {
      for (number, tile) in tiles.enumerated() {
        let planes = try enlarged(tile) { () throws(SuperResolutionError) in
          if isCancelled() { throw .cancelled }
        } onIteration: {
          onIteration(number * $1 + $0, tiles.count * $1)
        }
        place(tile, planes, on: &canvas)
      }
      return canvas.picture
    }
    let shared = Monitor(Progress(done: tiles.map { _ in 0 }))
    let workers = try start(min(threads, tiles.count), shared)
    defer { for worker in workers { worker.join() } }
    var missing = tiles.count
    while missing > 0 {
      if isCancelled() {
        shared.update { $0.isCancelled = true }
        throw .cancelled
      }
      switch shared.wait(until: .after(Self.patience), for: Self.news) {
      case .progress(let done, let all): onIteration(done, all)
      case .finished:
        // Taken by `update`, which wakes the workers that wait for it.
        let first = shared.update { $0.finished.removeFirst() }
        place(tiles[first.tile], first.planes, on: &canvas)
        missing -= 1
      case .failed(let error): throw error
      case nil: break
      }
    }
    return canvas.picture
  }

  private func start(
    _ count: Int, _ shared: Monitor<Progress>
  ) throws(SuperResolutionError) -> [NamedThread] {
    var workers: [NamedThread] = []
    for _ in 0..<count {
      do { workers.append(try NamedThread("enlarge") { work(shared) }) } catch {
        // Fewer threads do as well.
        if workers.isEmpty { throw .numerics("\(error)") }
        break
      }
    }
    return workers
  }

  /// One worker's life: a tile after the other. It waits while as many results lie unused as there are workers, so that
  /// they do not pile up.
  private func work(_ shared: Monitor<Progress>) {
    while true {
      let taken = shared.update { progress -> Int? in
        guard !progress.isEnding, progress.next < tiles.count else { return nil }
        progress.next += 1
        return progress.next - 1
      }
      guard let taken else { return }
      do {
        let planes = try enlarged(tiles[taken]) { () throws(SuperResolutionError) in
          // Looked at without `update`, which wakes all that wait.
          if shared.wait(for: { Optional($0.isEnding) }) == true { throw .cancelled }
        } onIteration: { done, parts in
          shared.update { ($0.done[taken], $0.parts) = (done, parts) }
        }
        shared.update { $0.finished.append((taken, planes)) }
        _ = shared.wait { $0.finished.isEmpty || $0.isEnding ? true : nil }
      } catch { shared.update { if !$0.isEnding { $0.failure = error } } }
    }
  }

  private static func news(_ progress: inout Progress) -> News? {
    if let failure = progress.failure { return .failed(failure) }
    let done = progress.done.reduce(0, +)
    if done != progress.told {
      progress.told = done
      return .progress(done: done, of: progress.done.count * progress.parts)
    }
    return progress.finished.isEmpty ? nil : .finished
  }

  private func enlarged(
    _ tile: Tiling.Tile, check: () throws(SuperResolutionError) -> Void,
    onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Planes {
    try check()
    let part = picture.part(rows: tile.framedRows, columns: tile.framedColumns)
    let frame = Frame(width: part.width, height: part.height, scale: task.scale, border: border)
    return try network.enlarge(frame.planes(of: part), task, check: check, onIteration: onIteration)
  }

  private func place(_ tile: Tiling.Tile, _ planes: Planes, on canvas: inout Canvas) {
    let scale = task.scale
    func enlarged(_ range: Range<Int>) -> Range<Int> { scale * range.lowerBound..<scale * range.upperBound }
    canvas.fill(
      rows: enlarged(tile.rows), columns: enlarged(tile.columns), from: planes,
      top: scale * (tile.rows.lowerBound - tile.framedRows.lowerBound),
      left: scale * (tile.columns.lowerBound - tile.framedColumns.lowerBound))
  }
}
