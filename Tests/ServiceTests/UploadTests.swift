import Foundation
import Service
import Support
import Testing

@Suite("How pictures are sent over HTTP", .offThePool)
struct UploadTests {
  private static let path = "/api/v1/estimate"

  @Test func `every type that clients use`() throws {
    let service = try HTTPService.forTests(EchoWork())
    defer { service.close() }
    for type in [
      "image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/webp", "image/tiff", "image/avif",
      "image/heic",
      "image/heif", "image/bmp", "image/gif", "application/octet-stream", "Image/PNG; charset=binary",
    ] {
      let answer = try RawClient.post(
        service.port, Self.path, body: [7, 8], headers: ["Content-Type: " + type])
      #expect(answer.status == 200 && answer.body == [7, 8], "\(type)")
    }
    for type in [
      "text/html", "image/svg+xml", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x", "",
    ] {
      #expect(
        try RawClient.post(service.port, Self.path, body: [7], headers: ["Content-Type: " + type]).status
          == 415, "\(type)")
    }
  }

  private func form(_ picture: [UInt8], boundary: String, fieldsBefore: Int, preamble: String = "") -> [UInt8]
  {
    var form = Array(preamble.utf8)
    for number in 0..<fieldsBefore {
      form += Array(
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"n\(number)\"\r\n\r\nx\(number)\r\n".utf8)
    }
    form += Array(
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"p\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
        .utf8)
    return form + picture + Array("\r\n--\(boundary)--\r\n".utf8)
  }

  private func post(_ form: [UInt8], boundary: String, _ service: HTTPService) throws -> RawClient.Answer {
    try RawClient.post(
      service.port, Self.path, body: form,
      headers: ["Content-Type: multipart/form-data; boundary=" + boundary])
  }

  /// Pictures of bytes that look like delimiters, among them.
  @Test func `the first file of a form is the picture`() throws {
    let service = try HTTPService.forTests(EchoWork())
    defer { service.close() }
    let pictures: [[UInt8]] = [
      [1], [13], [13, 10], [13, 10, 45, 45], Array("\r\n--edg".utf8), Array("\r\n\r\n--".utf8),
      (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) },
    ]
    for picture in pictures {
      for (boundary, header) in [
        ("edge", "edge"), ("a b", "\"a b\""), (String(repeating: "-", count: 70), nil),
      ] {
        for fields in 0..<3 {
          for preamble in ["", "ignored\r\n"] {
            let form = form(picture, boundary: boundary, fieldsBefore: fields, preamble: preamble)
            let answer = try post(form, boundary: header ?? boundary, service)
            #expect(answer.status == 200 && answer.body == picture, "\(boundary) \(fields) \(answer.text)")
          }
        }
      }
    }
  }

  @Test func `forms cut short are refused wherever they are cut`() throws {
    let service = try HTTPService.forTests(EchoWork())
    defer { service.close() }
    let whole = form([1, 2, 3], boundary: "edge", fieldsBefore: 1)
    let end = whole.count - "--\r\n".utf8.count
    for length in 1..<end {
      #expect(try post(Array(whole[..<length]), boundary: "edge", service).status == 400, "\(length)")
    }
    for (form, status) in [
      ("--edge--\r\n", 422),
      ("--edge\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--edge--\r\n", 422),
      ("--other\r\n\r\nx\r\n--other--\r\n", 400),
      ("--edge\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\n\r\n--edge--\r\n", 422),
      (
        "--edge\r\nContent-Disposition: form-data; filename=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n--edge--\r\n",
        415
      ),
    ] {
      #expect(try post(Array(form.utf8), boundary: "edge", service).status == status, "\(form)")
    }
    for boundary in ["", "\"\"", String(repeating: "a", count: 71)] {
      #expect(try post(whole, boundary: boundary, service).status == 400)
    }
  }

  @Test func `bad chunks are refused as the sender's fault`() throws {
    let service = try HTTPService.forTests(EchoWork())
    defer { service.close() }
    for body in [
      "zz\r\n", "-1\r\nx\r\n", "5\r\nabcdefgh\r\n", "\r\n", "ffffffffffffffffff\r\nx", "1 1\r\nx\r\n",
      "0x1\r\nx\r\n",
      "3\r\nabc\r\nG\r\n", "1;\u{1}\r\nx\r\nq\r\n",
    ] {
      let client = try RawClient(service.port)
      client.say(
        "POST \(Self.path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
          + body)
      #expect(try client.answer().status == 400, "\(body)")
    }
    let good = try RawClient(service.port)
    good.say(
      "POST \(Self.path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n")
    #expect(try good.answer().text == "abc")
  }
}
