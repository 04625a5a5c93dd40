import Foundation
import Support
import Testing

/// Chromium without a window, driven by the DevTools protocol over a pipe: JSON messages that end with a zero byte. Killed
/// with the object.
final class Browser {
  static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static let absent = "needs chromium: scripts/setup --tests"

  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  private let profile: TemporaryFolder
  private var unread = Data()
  private var number = 0
  private var session: String?
  /// What the page wrote to its console, exceptions included. What the network refused is the network's business.
  private(set) var complaints: [String] = []
  private var fileChooser: Int?

  init() throws {
    profile = try TemporaryFolder()
    process.executableURL = URL(filePath: "/bin/sh")
    // The protocol's pipe is on descriptors 3 and 4.
    process.arguments = [
      "-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", try #require(Self.path),
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--remote-debugging-pipe", "--user-data-dir=\(profile.url.path)",
    ]
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"]
    session =
      try call("Target.attachToTarget", ["targetId": target ?? "", "flatten": true])["sessionId"] as? String
    for domain in ["Page", "Runtime", "Log", "DOM"] { try call("\(domain).enable") }
    try call("Page.setInterceptFileChooserDialog", ["enabled": true])
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  // MARK: the protocol

  @discardableResult
  func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    number += 1
    var message: [String: Any] = ["id": number, "method": method, "params": parameters]
    message["sessionId"] = session
    try input.fileHandleForWriting.write(
      contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let answer = try next()
      guard answer["id"] as? Int == number else {
        note(answer)
        continue
      }
      if let error = answer["error"] { throw Refused(text: "\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  struct Refused: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }

  private func next() throws -> [String: Any] {
    while true {
      if let end = unread.firstIndex(of: 0) {
        let message = unread[..<end]
        unread = Data(unread[(end + 1)...])
        return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
      }
      var descriptor = pollfd(
        fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, 60_000) == 1 else { throw Hung(what: "an answer of the browser", log: "") }
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { throw Hung(what: "an answer of a browser that has ended", log: "") }
      unread.append(data)
    }
  }

  private func note(_ event: [String: Any]) {
    let parameters = event["params"] as? [String: Any] ?? [:]
    switch event["method"] as? String {
    case "Page.fileChooserOpened": fileChooser = parameters["backendNodeId"] as? Int
    case "Runtime.exceptionThrown", "Runtime.consoleAPICalled": complaints.append("\(parameters)")
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any] ?? [:]
      if entry["source"] as? String != "network" { complaints.append("\(entry)") }
    default: break
    }
  }

  // MARK: what a person does

  func open(_ address: String) throws { try call("Page.navigate", ["url": address]) }

  func resize(width: Int, height: Int = 800) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
  }

  func preferDark(_ isDark: Bool) throws {
    try call(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
  }

  func press(_ key: String, code: Int) throws {
    for type in ["keyDown", "keyUp"] {
      var event: [String: Any] = [
        "type": type, "key": key, "code": key, "windowsVirtualKeyCode": code,
      ]
      if key == "Enter", type == "keyDown" { event["text"] = "\r" }
      try call("Input.dispatchKeyEvent", event)
    }
  }

  /// Chooses a file in the dialogue that is open.
  func choose(_ path: String) throws {
    try wait(for: "a file dialogue") {
      try run("")
      return fileChooser != nil
    }
    try call("DOM.setFileInputFiles", ["files": [path], "backendNodeId": fileChooser ?? 0])
    fileChooser = nil
  }

  // MARK: what is there

  func evaluate<Value>(_ expression: String, as type: Value.Type = Value.self) throws -> Value {
    let value = try run(expression)
    return try #require(value as? Value, "\(expression) is \(String(describing: value))")
  }

  @discardableResult
  func run(_ script: String) throws -> Any? {
    let answer = try call(
      "Runtime.evaluate", ["expression": script, "returnByValue": true, "awaitPromise": true])
    if let exception = answer["exceptionDetails"] { throw Refused(text: "\(script): \(exception)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  func text(_ selector: String) throws -> String {
    try evaluate("document.querySelector('\(selector)')?.textContent ?? ''")
  }

  func count(_ selector: String) throws -> Int {
    Int(try evaluate("document.querySelectorAll('\(selector)').length") as Double)
  }

  func waitUntil(_ condition: String) throws {
    try wait(for: condition, log: complaints.joined(separator: "\n")) {
      try evaluate("(async () => Boolean(await (\(condition))))()") as Bool
    }
  }
}
