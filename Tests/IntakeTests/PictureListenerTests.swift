import Foundation
import Intake
import Messages
import Platform
import Testing
import Transport

/// One by one: they depend on the machine keeping up.
@Suite(.serialized) struct PictureListenerTests {
  private let requests = Monitor(0)
  private let replies = Monitor<[EstimatorReply]>([])
  private let isCut = Monitor(false)
  private let listener: PictureListener
  private let dealer: Dealer

  init() throws {
    listener = try PictureListener(
      Context(), listeningAt: "tcp://127.0.0.1:*", onRequest: { [requests] in requests.update { $0 += 1 } },
      log: { Issue.record("\($0)") })
    dealer = try Dealer(Context(), connectingTo: listener.endpoint) { [replies, isCut] event in
      if case .disconnected = event { isCut.update { $0 = true } }
      guard case .received(let bytes) = event else { return }
      do {
        let reply = try EstimatorReply(decoding: bytes)
        replies.update { $0.append(reply) }
      } catch { Issue.record("\(error)") }
    }
  }

  private func send(_ bytes: [UInt8]) {
    while !dealer.send(bytes) { usleep(1000) }
  }

  private func picture(_ number: UInt64, bytes: Int = 3) {
    send(
      EstimatorRequest(number, name: "\(number).png", picture: [UInt8](repeating: 1, count: bytes)).encoded())
  }

  /// Nil after twenty seconds, which only a failure takes.
  private func reply() -> EstimatorReply? {
    replies.wait(until: .after(20)) { $0.isEmpty ? nil : $0.removeFirst() }
  }

  private func waitForOrders(_ count: Int) -> Bool {
    requests.wait(until: .after(20)) { $0 >= count ? true : nil } ?? false
  }

  private func refusal(_ reply: EstimatorReply?) -> EstimatorReply.Refusal? {
    if case .refusal(let refusal) = reply?.body { refusal } else { nil }
  }

  @Test func `pictures come in order, and answers go to who sent them`() throws {
    for number in 1...3 { picture(UInt64(number)) }
    #expect(waitForOrders(3))
    for number in 1...3 {
      let pending = try #require(listener.take())
      #expect(pending.request.number == number && pending.request.name == "\(number).png")
      listener.answer(pending, .refusal(.init(.badPicture, "no \(number)")))
      #expect(reply() == EstimatorReply(UInt64(number), .refusal(.init(.badPicture, "no \(number)"))))
    }
    #expect(listener.take() == nil)
  }

  @Test func `garbage is refused`() {
    send([0xFF, 1, 2])
    #expect(refusal(reply())?.reason == .unreadableOrder)
  }

  @Test func `of too many the latest are refused`() {
    for number in 1...257 { picture(UInt64(number)) }
    let refused = reply()
    #expect(refused?.number == 257)
    #expect(refusal(refused) == .init(.queueFull, "256 pictures wait already; send it again later"))
    // Room again.
    #expect(listener.take() != nil)
    picture(258)
    #expect(waitForOrders(257))
  }

  @Test func `of too much the latest are refused`() {
    for number in 1...5 { picture(UInt64(number), bytes: 60 << 20) }
    #expect(refusal(reply())?.reason == .queueFull)
    #expect(waitForOrders(4))
  }

  /// Refused, or told of the lost connection: libzmq may drop what a dealer has not read by then.
  @Test func `what waits is refused at the end, nothing is left without an answer`() {
    for number in 1...3 { picture(UInt64(number)) }
    #expect(waitForOrders(3))
    listener.close()
    #expect(isCut.wait(until: .after(20)) { $0 ? true : nil } == true)
    let received = replies.update { $0 }
    #expect(received.count <= 3)
    for (number, reply) in zip(UInt64(1)..., received) {
      #expect(reply.number == number && refusal(reply)?.reason == .stopping)
    }
  }
}
