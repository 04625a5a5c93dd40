import Configuration
import Foundation
import Messages
import Transport

@testable import HTTPParsers

/// Texts that people and programs write: settings, addresses, keys, parts of requests.
let textTargets = [
  FuzzTarget(name: "settings") {
    settings.map { Array($0.utf8) }
  } run: { bytes in
    let read = try RunConfiguration(yaml: bytes.text, source: "input")
    try? read.validate()
    expect(
      (try? RunConfiguration(yaml: read.yaml, source: "again")) == read,
      "settings that are saved stay the same")
  },
  FuzzTarget(
    name: "address",
    seeds: {
      ["tcp://127.0.0.1:5555", "tcp://[fe80::1%eth0]:*", "tcp://*:0", "ipc:///run/a", "tcp://host.name:1"].map
      {
        Array($0.utf8)
      }
    },
    run: { bytes in
      for purpose in [Address.Purpose.listening, .connecting] {
        guard let address = try? Address(bytes.text, for: purpose) else { continue }
        _ = address.isLoopback
        expect((try? Address(address.fromHere, for: purpose)) != nil, "what it is called here is an address")
      }
      if let channel = ChannelName(bytes.text) {
        expect(ChannelName(channel.description) == channel, "a channel's name stays the same")
      }
    }),
  FuzzTarget(
    name: "keys",
    seeds: {
      let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
      return ["", key, "# who\nnode7 worker,reader \(key)\n\nb estimator \(key)\r\n"].map { Array($0.utf8) }
    },
    run: { bytes in
      if let key = try? PublicKey(bytes.text) { expect(key.description == bytes.text, "a key is its text") }
      _ = try? KeyPair(secret: bytes.text)
      let list = try GuestList(text: bytes.text, file: "allow")
      let lines = list.guests.map { key, guest in
        "\(guest.name) \(guest.roles.map(\.rawValue).sorted().joined(separator: ",")) \(key)"
      }
      let again = try? GuestList(text: lines.joined(separator: "\n"), file: "again")
      expect(again == list, "a list of guests stays the same")
    }),
  FuzzTarget(name: "http", seeds: { requests.map { Array($0.utf8) } }, run: readRequest),
]

private let settings = [
  "", "preset: best\nsteps: 12\ndata:\n  - /a\n  - 'b c'\nseed: 7\n", "data: /photos\nverify: 0.2\n",
  "scale: 4\nalgorithm: conditioned\nkernel-noise: 0.4\ncrop-side: 480\nreal: lr\n", "data: [a, \"b\\n\"]\n",
]

private let requests = [
  "scale=2&mode=best&steps=0&seed=18446744073709551615&format=npy&ticket=0123456789abcdef",
  "noise=auto&method=bicubic&scale=4", "compare=true&noise=2.5", "scale=%32&a+b=%C3%A9", "bytes=0-499",
  "bytes=-500", "bytes=9500-", "[::1]:8080", "127.0.0.1:65535", "image/png;q=0.5, */*;q=0.1",
  "multipart/form-data; boundary=\"x y\"",
  "--b\r\nContent-Disposition: form-data; filename=\"a.png\"\r\n\r\nbytes\r\n--b--",
]

/// Each part of a request is parsed from the same bytes; the first line is also a Content-Type and the rest its form.
@Sendable private func readRequest(_ bytes: UnsafeRawBufferPointer) throws {
  let text = bytes.text
  if let query = try? Query(text) {
    var copy = query
    _ = try? copy.takeTicket()
    _ = try? EstimateRequest(copy, accepted: text)
    _ = try? EnlargeRequest(copy)
    _ = try? RestoreRequest(copy)
  }
  for size in [0, 1, 1000] {
    if case .part(let range) = ByteRange(text, of: size) {
      expect(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= size, "a range lies in the file")
    }
  }
  if let address = try? HTTPAddress(text) { _ = address.isLoopback }
  let boundary = Multipart.boundary(in: String(text.prefix { $0 != "\n" })) ?? "b"
  let form = Array(bytes)
  if let file = try? Multipart.firstFile(in: form, boundary: boundary) {
    expect(file.lowerBound >= 0 && file.upperBound <= form.count, "a form's file lies in the form")
  }
}
