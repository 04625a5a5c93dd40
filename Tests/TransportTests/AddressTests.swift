import Foundation
import Testing
import Transport

extension TransportTests {
  struct AddressTests {
    @Test(arguments: [
      "tcp://127.0.0.1:1", "tcp://10.0.0.1:65535", "tcp://[::1]:5555", "tcp://[fe80::1%eth0]:5555",
      "tcp://localhost:5555", "tcp://node_1.cluster-a.example:80", "ipc:///tmp/socket",
    ])
    func `what is one`(text: String) throws {
      #expect(try Address(text, for: .connecting).description == text)
      #expect(try Address(text, for: .listening).description == text)
    }

    @Test(arguments: [
      "", "nonsense", "tcp://", "tcp://host", "tcp://host:", "tcp://:5555", "tcp://host:0x10",
      "tcp://host:+80",
      "tcp://host:65536", "tcp://host:99999", "tcp://host:-1", "tcp://host: 80", "tcp://ho st:80",
      "udp://host:80",
      "ftp://x:1", "tcp://[::1:5555", "tcp://::1:5555", "tcp://[::g]:5555", "tcp://[]:80",
      "tcp://300.1.1.1:80",
      "tcp://1.2.3:80", "tcp://a/b:80", "tcp://a;tcp://b:80", "ipc://", "tcp://h\u{F6}st:80", "TCP://host:80",
      "tcp://host:80\n", "inproc://x", "tcp://-a:80",
    ])
    func `what is none`(text: String) {
      #expect(throws: AddressError.self) { try Address(text, for: .connecting) }
      #expect(throws: AddressError.self) { try Address(text, for: .listening) }
    }

    @Test(arguments: ["tcp://*:*", "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://[::]:*", "tcp://*:5555"])
    func `what only a listener may leave open`(text: String) throws {
      _ = try Address(text, for: .listening)
      let error = #expect(throws: AddressError.self) { try Address(text, for: .connecting) }
      #expect(
        error?.description
          == "cannot use \"\(text)\" as an address: it is not tcp://HOST:PORT with a port from "
          + "1 to 65535, such as tcp://10.0.0.1:5555 or tcp://[::1]:5555; correct it")
    }

    @Test func `who reaches it`() throws {
      for text in ["tcp://127.0.0.1:1", "tcp://[::1]:1", "tcp://localhost:1", "ipc://x", "tcp://127.9.9.9:1"]
      {
        #expect(try Address(text, for: .listening).isLoopback)
      }
      for text in ["tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://*:1", "tcp://10.0.0.1:1", "tcp://eth0:1"] {
        #expect(try !Address(text, for: .listening).isLoopback)
      }
    }

    @Test func `from here all interfaces are loopback`() throws {
      #expect(try Address("tcp://0.0.0.0:7", for: .listening).fromHere == "tcp://127.0.0.1:7")
      #expect(try Address("tcp://[::]:7", for: .listening).fromHere == "tcp://[::1]:7")
      #expect(try Address("tcp://10.0.0.1:7", for: .listening).fromHere == "tcp://10.0.0.1:7")
    }

    @Test(arguments: ["tcp://[::1]:*", "tcp://[::]:*", "tcp://127.0.0.1:*", "tcp://0.0.0.0:*"])
    func `messages travel over either`(address: String) throws {
      let context = try Context()
      let router = try RouterEnd(context, at: address)
      let dealer = try DealerEnd(context, to: try Address(router.router.endpoint, for: .listening).fromHere)
      dealer.waitFor(.connected)
      dealer.dealer.send([1])
      let (peer, bytes) = try #require(router.nextMessage())
      #expect(bytes == [1])
      router.router.send([2], to: [peer])
      #expect(dealer.nextMessage() == [2])
    }

    /// IPv4 clients reach a listener at all interfaces of IPv6.
    @Test func `all interfaces of IPv6 hear IPv4`() throws {
      let context = try Context()
      let router = try RouterEnd(context, at: "tcp://[::]:*")
      let port = try #require(router.router.endpoint.split(separator: ":").last)
      let dealer = try DealerEnd(context, to: "tcp://127.0.0.1:\(port)")
      dealer.waitFor(.connected)
    }
  }
}
