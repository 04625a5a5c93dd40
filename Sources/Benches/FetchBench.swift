import CheckpointExchange
import Foundation
import Messages
import Numerics
import Platform
import Transport

/// Measures fetching: many estimators in this process that fetch one checkpoint at once, beside a plain copy of as many
/// bytes. `ServingBench` starts it in a process of its own.
package struct FetchBench {
  private let crowd: FetcherCrowd
  private let receiver: PlainCopy.Receiver

  /// Bytes of the plain copy's messages: as those of the fetch.
  static let message = PublisherRequest.chunkSize

  /// How many of them hold as many bytes as the estimators fetch.
  static func messages(of size: Int, _ estimators: Int) -> Int { size * estimators / message }

  /// - Parameters:
  ///   - publisher: the endpoint of a publisher of one checkpoint.
  ///   - sender: the endpoint of a `PlainCopy.Sender`.
  package init(publisher: String, sender: String, count: Int) throws {
    let context = try Context()
    crowd = try FetcherCrowd(context, publisher, count: count)
    receiver = try PlainCopy.Receiver(context, sender)
  }

  package struct Outcome {
    /// Bytes a second, the median.
    package var rate: Double
    /// The median of the rate's quotient by the plain copy's.
    package var share: Double
    /// Fetches that failed or whose bytes did not have the hash.
    package var wrong: Int
  }

  /// Fetches and copies in turn, `pairs` times.
  package func measure(pairs: Int) throws -> Outcome {
    var (rates, shares, wrong) = ([Double](), [Double](), 0)
    for _ in 0..<pairs {
      let fetched = try crowd.fetch()
      let plain = try plainRate(bytes: fetched.bytes)
      rates.append(Double(fetched.bytes) / fetched.seconds)
      shares.append(rates[rates.count - 1] / plain)
      wrong += fetched.wrong
    }
    return Outcome(rate: rates.sorted()[pairs / 2], share: shares.sorted()[pairs / 2], wrong: wrong)
  }

  /// Bytes a second of a copy of as many bytes, hashed as they come.
  private func plainRate(bytes: Int) throws -> Double {
    let digest = try SHA256()
    let begin = ContinuousClock.now
    var failure: (any Error)?
    try receiver.receive(count: Self.messages(of: bytes, 1)) { bytes in
      do { try digest.update(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    _ = try digest.finish()
    return Double(bytes) / (ContinuousClock.now - begin).seconds
  }
}
