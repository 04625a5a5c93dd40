import Imaging
import Platform

/// Enlarges a picture's tiles, several at a time, each on a thread of its own; the caller's thread puts the results together
/// and hands on one band of them after the other. Tiles and their results are the same for any number of threads.
///
/// What is held at a time: a tile's planes a thread, as many finished tiles, and the bands that these tiles lie in.
struct TileWork: Sendable {
  let picture: Picture
  let network: any EnlargingNetwork
  let task: EnlargingTask
  /// In the order that they are handed on in.
  let bands: [Tiling.Band]
  let border: SuperResolver.Border
  let finishing: SuperResolver.Finishing

  /// A tile and the band that it belongs to.
  struct Place: Sendable {
    let tile: Tiling.Tile
    let band: Int
  }

  /// What the threads share.
  private struct Progress {
    /// The first tile that nobody has taken.
    var next = 0
    /// Parts of each tile done; all have equally many.
    var done: [Int]
    var parts = 1
    var finished: [(tile: Int, picture: Picture)] = []
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

  private var places: [Place] {
    bands.enumerated().flatMap { number, band in band.tiles.map { Place(tile: $0, band: number) } }
  }

  /// - Parameter onBand: takes a band, enlarged; false to stop.
  /// - Throws: `SuperResolutionError.cancelled`, or what kept a tile from being enlarged. No thread runs on.
  func run(
    threads: Int, isCancelled: () -> Bool, onIteration: (_ done: Int, _ of: Int) -> Void,
    onBand: (Picture) -> Bool
  ) throws(SuperResolutionError) {
    let places = places
    var open = OpenBands(bands, scale: task.scale)
    func place(_ tile: Int, _ picture: Picture) throws(SuperResolutionError) {
      open.place(picture, places[tile])
      while let band = open.takeFirst() { if !onBand(band) { throw .cancelled } }
    }
    if places.count == 1 || threads <= 1 {
      for (number, own) in places.enumerated() {
        let picture = try enlarged(own.tile) { () throws(SuperResolutionError) in
          if isCancelled() { throw .cancelled }
        } onIteration: {
          onIteration(number * $1 + $0, places.count * $1)
        }
        try place(number, picture)
      }
      return
    }
    try run(on: places, threads: threads, isCancelled: isCancelled, onIteration: onIteration, onTile: place)
  }

  /// On threads of their own.
  /// - Parameter onTile: takes a place's number and its result, on the caller's thread.
  private func run(
    on places: [Place], threads: Int, isCancelled: () -> Bool, onIteration: (_ done: Int, _ of: Int) -> Void,
    onTile: (Int, Picture) throws(SuperResolutionError) -> Void
  ) throws(SuperResolutionError) {
    let shared = Monitor(Progress(done: places.map { _ in 0 }))
    let workers = try start(min(threads, places.count), on: places, shared)
    // Whatever ends this: workers that wait go on, find that nothing is wanted any more, and end.
    defer {
      shared.update { $0.isCancelled = true }
      for worker in workers { worker.join() }
    }
    var missing = places.count
    while missing > 0 {
      if isCancelled() { throw .cancelled }
      switch shared.wait(until: .after(Self.patience), for: Self.news) {
      case .progress(let done, let all): onIteration(done, all)
      case .finished:
        // Taken by `update`, which wakes the workers that wait for it.
        let first = shared.update { $0.finished.removeFirst() }
        try onTile(first.tile, first.picture)
        missing -= 1
      case .failed(let error): throw error
      case nil: break
      }
    }
  }

  private func start(
    _ count: Int, on places: [Place], _ shared: Monitor<Progress>
  ) throws(SuperResolutionError) -> [NamedThread] {
    var workers: [NamedThread] = []
    for _ in 0..<count {
      do { workers.append(try NamedThread("enlarge") { work(places, shared) }) } catch {
        // Fewer threads do as well.
        if workers.isEmpty { throw .numerics("\(error)") }
        break
      }
    }
    return workers
  }

  /// One worker's life: a tile after the other. It waits while results lie unused, so that they do not pile up: at most one
  /// a worker.
  private func work(_ places: [Place], _ shared: Monitor<Progress>) {
    while true {
      let taken = shared.update { progress -> Int? in
        guard !progress.isEnding, progress.next < places.count else { return nil }
        progress.next += 1
        return progress.next - 1
      }
      guard let taken else { return }
      do {
        let picture = try enlarged(places[taken].tile) { () throws(SuperResolutionError) in
          // Looked at without `update`, which wakes all that wait.
          if shared.wait(for: { Optional($0.isEnding) }) == true { throw .cancelled }
        } onIteration: { done, parts in
          shared.update { ($0.done[taken], $0.parts) = (done, parts) }
        }
        shared.update { $0.finished.append((taken, picture)) }
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

  /// A tile's own pixels, enlarged and finished; its planes end here.
  private func enlarged(
    _ tile: Tiling.Tile, check: () throws(SuperResolutionError) -> Void,
    onIteration: (_ done: Int, _ of: Int) -> Void
  ) throws(SuperResolutionError) -> Picture {
    try check()
    let part = picture.part(rows: tile.framedRows, columns: tile.framedColumns)
    let frame = Frame(width: part.width, height: part.height, scale: task.scale, border: border)
    let planes = try network.enlarge(
      frame.planes(of: part), task, check: check, onIteration: onIteration)
    let scale = task.scale
    var canvas = Canvas(width: scale * tile.columns.count, height: scale * tile.rows.count, like: picture)
    canvas.fill(
      rows: 0..<scale * tile.rows.count, columns: 0..<scale * tile.columns.count, from: planes,
      top: scale * (tile.rows.lowerBound - tile.framedRows.lowerBound),
      left: scale * (tile.columns.lowerBound - tile.framedColumns.lowerBound))
    return try finishing(
      .init(
        canvas.picture, rows: scale * tile.rows.lowerBound..<scale * tile.rows.upperBound,
        columns: scale * tile.columns.lowerBound..<scale * tile.columns.upperBound), check)
  }
}

/// The bands that tiles have come of and that are not handed on yet.
private struct OpenBands {
  private let bands: [Tiling.Band]
  private let scale: Int
  private var open: [Int: (mosaic: PictureMosaic, missing: Int)] = [:]
  /// The band that is handed on next.
  private var first = 0

  init(_ bands: [Tiling.Band], scale: Int) { (self.bands, self.scale) = (bands, scale) }

  mutating func place(_ picture: Picture, _ place: TileWork.Place) {
    let band = bands[place.band]
    var (mosaic, missing) =
      open.removeValue(forKey: place.band)
      ?? (
        PictureMosaic(width: scale * band.columns.count, height: scale * band.rows.count, like: picture),
        band.tiles.count
      )
    mosaic.place(
      picture, top: scale * (place.tile.rows.lowerBound - band.rows.lowerBound),
      left: scale * (place.tile.columns.lowerBound - band.columns.lowerBound))
    missing -= 1
    open[place.band] = (mosaic, missing)
  }

  /// The next band, once it is whole.
  mutating func takeFirst() -> Picture? {
    guard let (mosaic, missing) = open[first], missing == 0 else { return nil }
    open[first] = nil
    first += 1
    return mosaic.picture
  }
}
