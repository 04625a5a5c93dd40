import Foundation
import Messages
import Transport

/// What a publisher answers to whom, without sockets, threads or a clock of its own.
struct PublisherDesk {
  enum Answer {
    case reply(PublisherReply)
    case shared(SharedMessage)
  }

  private struct Watcher {
    let number: UInt64
    let channel: ChannelName
    let known: String?
    let deadline: ContinuousClock.Instant
  }

  private(set) var catalogue = Catalogue()
  private var files: ServedFiles
  /// One a peer: a later request takes the place of an earlier one.
  private var watchers: [Router.Peer: Watcher] = [:]

  /// Peers that vanished stay for a minute, so this is far above any fleet.
  private static let mostWatchers = 20_000

  init(memory: Int = 512 << 20) { files = ServedFiles(limit: memory) }

  /// The answer to a request; nil where it comes later.
  mutating func answer(
    _ bytes: UnsafeRawBufferPointer, from peer: Router.Peer, now: ContinuousClock.Instant
  ) -> Answer? {
    let request: PublisherRequest
    do { request = try PublisherRequest(decoding: bytes) } catch {
      return .reply(PublisherReply(0, .refusal(Refusal(.unreadableRequest, "\(error)"))))
    }
    let number = request.number
    switch request.body {
    case .listRuns: return .reply(PublisherReply(number, .runs(catalogue.served)))
    case .describe(let channel): return .reply(describe(channel, number))
    case .fetch(let file, let offset): return fetch(file, from: offset, number: number)
    case .watch(let channel, let known, let seconds):
      if let reply = news(on: channel, since: known, number: number) { return .reply(reply) }
      if watchers.count >= Self.mostWatchers, watchers[peer] == nil {
        return .reply(
          PublisherReply(number, .refusal(Refusal(.tooBusy, "too many wait already; try again later"))))
      }
      watchers[peer] = Watcher(
        number: number, channel: channel, known: known, deadline: now + .seconds(seconds))
      return nil
    }
  }

  /// Takes what is served from now on.
  mutating func update(_ catalogue: Catalogue) { self.catalogue = catalogue }

  /// The answers that are due to those who wait.
  mutating func due(now: ContinuousClock.Instant) -> [(Router.Peer, PublisherReply)] {
    var replies: [(Router.Peer, PublisherReply)] = []
    for (peer, watcher) in watchers {
      if let reply = news(on: watcher.channel, since: watcher.known, number: watcher.number) {
        replies.append((peer, reply))
      } else if watcher.deadline <= now {
        replies.append((peer, describe(watcher.channel, watcher.number)))
      }
    }
    for (peer, _) in replies { watchers[peer] = nil }
    return replies
  }

  /// It is gone: nothing is due to it.
  mutating func forget(_ peer: Router.Peer) { watchers[peer] = nil }

  /// What `known` has been replaced by.
  private mutating func news(
    on channel: ChannelName, since known: String?, number: UInt64
  ) -> PublisherReply? {
    guard case .success(let item) = catalogue.find(channel), item.checkpoint.sha256 != known else {
      return nil
    }
    return describe(channel, number)
  }

  /// Reads the file before it is told of, so that it can be fetched whatever becomes of it.
  private mutating func describe(_ channel: ChannelName, _ number: UInt64) -> PublisherReply {
    switch catalogue.find(channel) {
    case .failure(let refusal): return PublisherReply(number, .refusal(refusal))
    case .success(let item):
      guard files.load(item) else { return PublisherReply(number, .refusal(Self.replaced)) }
      return PublisherReply(number, .checkpoint(item.checkpoint))
    }
  }

  private static let replaced = Refusal.notServed(
    "the checkpoint has just been removed or replaced; ask again")

  private mutating func fetch(_ file: String, from offset: Int, number: UInt64) -> Answer {
    do {
      if let message = try files.chunk(file, offset) { return .shared(message) }
      if let item = catalogue[file], files.load(item), let message = try files.chunk(file, offset) {
        return .shared(message)
      }
      return .reply(
        PublisherReply(
          number,
          .refusal(.notServed("byte \(offset) of checkpoint \(file.prefix(12)) is not here"))))
    } catch {
      return .reply(PublisherReply(number, .refusal(Refusal(.tooBusy, "\(error)"))))
    }
  }
}
