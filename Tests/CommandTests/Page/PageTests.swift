import Foundation
import Support
import Testing

/// The page in a real browser, against a real server.
@Suite(
  "The page", .tags(.slow), .serialized, .enabled(if: Browser.path != nil, Comment(rawValue: Browser.absent)))
struct PageTests {
  private let fixtures: Fixtures
  private let browser: Browser

  init() throws {
    (fixtures, browser) = (try Fixtures(), try Browser())
    try FileManager.default.createDirectory(
      atPath: fixtures.path("runs"), withIntermediateDirectories: true)
  }

  private func start(_ arguments: [String], _ name: String) throws -> RunningProgram {
    try RunningProgram(arguments, environment: [:], errors: fixtures.folder.file(name))
  }

  /// Serves the folder of runs.
  private func serve(
    at address: String = "127.0.0.1:0", _ more: String...
  ) throws -> (program: RunningProgram, page: String) {
    let program = try start(
      ["serve", "--runs", fixtures.path("runs"), "--listen", "tcp://127.0.0.1:*", "--http", address] + more,
      UUID().uuidString)
    try program.waitForError("http://")
    let rest = try #require(program.errors.components(separatedBy: "http://").last)
    return (program, "http://" + rest.prefix { !$0.isWhitespace && $0 != "," && $0 != "/" } + "/")
  }

  @Test func `the page shows a training as it goes on`() throws {
    let training = try startTraining()
    let (server, page) = try serve()
    try browser.open(page)
    try showsProgress()

    training.kill(SIGTERM)
    try browser.waitUntil("document.querySelector('.badge').textContent === 'interrupted'")
    #expect(try browser.text(".run > p") == "the run was told to stop; started again it goes on")

    try estimatesByTheRunsCheckpoint()

    server.kill(SIGKILL)
    try browser.waitUntil(
      "document.getElementById('connection').textContent.startsWith('Connection lost at ')")
    let again = try serve(at: String(page.dropFirst(7).dropLast()))
    try browser.waitUntil("document.getElementById('connection').textContent === 'Live'")
    #expect(browser.complaints == [])
    withExtendedLifetime(again) {}
  }

  /// Begins a training in the folder of runs, long enough to be watched.
  private func startTraining() throws -> RunningProgram {
    let pictures = fixtures.path("pictures")
    try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    for key in 1...2 {
      _ = try fixtures.picture("pictures/\(key).png", width: 288, height: 288, key: UInt64(key))
    }
    return try start(
      [
        "train", "--run", fixtures.path("runs/mine"), "--data", pictures, "--workers", "2",
        "--task-batch-size", "2", "--set", "evaluate-every=8", "--set", "evaluation-tasks=2",
      ], "training")
  }

  /// The run with its workers, pictures and curves, and a bar that moves.
  private func showsProgress() throws {
    try browser.waitUntil("document.querySelector('.run h3')?.textContent === 'mine'")
    try browser.waitUntil("document.querySelectorAll('.run tr.active').length === 2")
    try browser.waitUntil("document.querySelectorAll('.run .pair canvas').length === 12")
    try browser.waitUntil("document.querySelectorAll('.run .plot path').length === 4")
    #expect(try browser.text(".badge") == "training" && browser.text("#connection") == "Live")
    #expect(try browser.text(".run dl").contains("Best checkpoint"))
    let progress = "document.querySelector('.run progress').value"
    let before: Double = try browser.evaluate(progress)
    try browser.waitUntil("\(progress) > \(before)")
  }

  /// The kernels of a run's own checkpoint come without a spread.
  private func estimatesByTheRunsCheckpoint() throws {
    try give("drop", "a.png")
    try browser.waitUntil("document.getElementById('progress').textContent.startsWith('Done')")
    #expect(try browser.count(".kernel-with-ellipses ellipse") == 1)
    let shown = try browser.text("#results")
    #expect(!["undefined", "null", "false", "NaN"].contains { shown.contains($0) }, "\(shown)")
  }

  /// Names of what has the focus, one Tab after the other, until it comes round.
  private func tabbed() throws -> [String] {
    var found: [String] = []
    for _ in 0..<40 {
      try browser.press("Tab", code: 9)
      let name: String = try browser.evaluate(
        "(e => e === document.body ? '' : e.id || e.getAttribute('aria-label') || e.textContent.trim() || e.type)"
          + "(document.activeElement)")
      if name.isEmpty || found.contains(name) { break }
      let isVisible: Bool = try browser.evaluate(
        "(e => [e, e.nextElementSibling].some(f => f && getComputedStyle(f).outlineStyle === 'solid'))"
          + "(document.activeElement)")
      #expect(isVisible, "\(name) does not show that it has the focus")
      found.append(name)
    }
    return found
  }

  @Test func `a kernel is estimated without a mouse`() throws {
    let (server, page) = try serve()
    try browser.open(page)
    try browser.waitUntil("document.body?.classList.contains('without-runs')")
    #expect(
      try browser.text("#no-runs")
        == "No training run is served here, so this page is the estimator alone.")
    #expect(try tabbed() == ["Skip to the training runs", "file", "scale"])

    try browser.run("document.getElementById('file').focus()")
    try browser.press("Enter", code: 13)
    try browser.choose(fixtures.picture("a.png", width: 64, height: 40))
    try browser.waitUntil("document.getElementById('progress').textContent.startsWith('Done')")
    try browser.waitUntil(
      "[...document.querySelectorAll('.stage img')].map(i => i.naturalWidth).join() === '128,128'")
    #expect(try browser.count(".kernel-with-ellipses ellipse") == 3)
    #expect(try browser.text(".result code").count == 12)
    #expect(try browser.count(".notes li") > 0, "40 pixels are too few to be sure")
    #expect(
      try tabbed() == [
        "scale", "npy", "png", "json", "Bicubic picture on the left up to here", "The enlarged pictures",
        "checkbox", "enlarged picture (png)",
      ])
    try browser.run("document.querySelector('[type=range]').focus()")
    try browser.press("ArrowRight", code: 39)
    let share: String = try browser.evaluate(
      "document.querySelector('.stage').style.getPropertyValue('--share')")
    #expect(share == "51%")
    try looksRight()
    #expect(browser.complaints == [])
    withExtendedLifetime(server) {}
  }

  /// Narrow, and in both colour schemes.
  private func looksRight() throws {
    try browser.resize(width: 320)
    #expect(try browser.evaluate("document.documentElement.scrollWidth", as: Double.self) <= 320)
    let paper = "getComputedStyle(document.body).backgroundColor"
    try browser.preferDark(false)
    let light: String = try browser.evaluate(paper)
    try browser.preferDark(true)
    #expect(try browser.evaluate(paper, as: String.self) != light)
  }

  /// Brings the first bytes of a drawn picture to the page as a browser does.
  private func give(_ how: String, _ name: String, bytes: Int = 1_000_000) throws {
    let picture = try Data(contentsOf: URL(filePath: fixtures.picture("a.png"))).base64EncodedString()
    let event =
      how == "drop"
      ? "DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })"
      : "ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })"
    try browser.run(
      """
      globalThis.bytes = Uint8Array.from(atob('\(picture)'), c => c.charCodeAt(0)).slice(0, \(bytes));
      {
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], '\(name)', { type: 'image/png' }));
        document.body.dispatchEvent(new \(event));
      }
      """)
  }

  /// A file is dropped, another pasted, and what the server says against one is shown as it is.
  @Test func `pictures are dropped and pasted`() throws {
    let (server, page) = try serve()
    try browser.open(page)
    try browser.waitUntil("document.body?.classList.contains('without-runs')")
    try give("drop", "dropped.png")
    try browser.waitUntil(
      "document.getElementById('progress').textContent.startsWith('Done: the kernel of dropped')")
    try give("paste", "<img src=x onerror=alert(1)>.png", bytes: 100)
    try browser.waitUntil("!document.getElementById('problem').hidden")
    let answer: String = try browser.evaluate(
      "fetch('api/v1/estimate', { method: 'POST', body: bytes, headers: { 'Content-Type': 'image/png' } })"
        + ".then(r => r.json()).then(r => r.detail)")
    #expect(try browser.text("#problem") == answer)
    #expect(try browser.count("#results *") == 0)
    #expect(browser.complaints == [])
    withExtendedLifetime(server) {}
  }

  /// A picture waits for another, says so, and is given up by a click; the server then does not work on it.
  @Test func `work is shown and cancelled`() throws {
    let (server, page) = try serve(at: "127.0.0.1:0", "--jobs", "1")
    try browser.open(page)
    try browser.waitUntil("document.body?.classList.contains('without-runs')")
    try give("drop", "first.png")
    try browser.waitUntil("document.getElementById('progress').textContent.startsWith('Done')")
    try browser.run(
      """
      fetch('api/v1/estimate?mode=paper&steps=1000', { method: 'POST', body: bytes, headers: { 'Content-Type': 'image/png' } });
      undefined
      """)
    try browser.waitUntil(
      "fetch('metrics').then(r => r.text()).then(t => t.includes('pictures_running 1.0'))")
    try give("drop", "second.png")
    try browser.waitUntil("document.getElementById('progress').textContent === 'second.png is next…'")
    #expect(try !browser.evaluate("document.getElementById('doing').hidden", as: Bool.self))
    try browser.run("document.getElementById('cancel').click()")
    try browser.waitUntil("document.getElementById('progress').textContent === 'Cancelled.'")
    #expect(try browser.evaluate("document.getElementById('doing').hidden", as: Bool.self))
    try browser.waitUntil(
      "fetch('metrics').then(r => r.text()).then(t => t.includes('pictures_waiting 0.0'))")
    #expect(try browser.count("#results *") == 0)
    #expect(browser.complaints == [])
    withExtendedLifetime(server) {}
  }

  /// The page itself is free; what it does with the server is not.
  @Test func `a token is asked for and used`() throws {
    let token = String(repeating: "t0", count: 16)
    let file = fixtures.path("token")
    _ = FileManager.default.createFile(
      atPath: file, contents: Data(token.utf8), attributes: [.posixPermissions: 0o600])
    let (server, page) = try serve(at: "127.0.0.1:0", "--token-file", file)
    try browser.open(page)
    try browser.waitUntil("document.getElementById('key') && !document.getElementById('key').hidden")
    for given in ["wrong", token] {
      try browser.run(
        """
        document.getElementById('token').value = '\(given)';
        document.querySelector('#key button').click();
        """)
      if given == token { break }
      try browser.waitUntil("!document.getElementById('key').hidden")
    }
    try browser.waitUntil("document.getElementById('connection').textContent === 'Live'")
    try give("drop", "a.png")
    try browser.waitUntil("document.getElementById('progress').textContent.startsWith('Done')")
    #expect(browser.complaints == [])
    withExtendedLifetime(server) {}
  }
}
