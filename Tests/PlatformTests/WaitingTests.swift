import Foundation
import Platform
import Testing

@Suite struct MonitorTests {
  @Test func `a deadline ends the wait`() {
    let monitor = Monitor(0)
    #expect(monitor.wait(until: .after(0.01)) { $0 > 0 ? $0 : nil } == nil)
    #expect(monitor.wait(until: .after(-1)) { $0 > 0 ? $0 : nil } == nil)
  }

  @Test func `a change ends the wait`() throws {
    let monitor = Monitor(0)
    let thread = try NamedThread("changes") { monitor.update { $0 = 5 } }
    #expect(monitor.wait(until: .after(60)) { $0 > 0 ? $0 : nil } == 5)
    thread.join()
  }

  @Test func `moments outside the clock stay ordered`() {
    #expect(Deadline.after(.infinity) > .after(1e9))
    #expect(Deadline.after(1e300) >= .after(1e9))
    #expect(Deadline.after(-1e300) < .now)
    #expect(Deadline.after(2).seconds(since: .after(1)) > 0.9)
    #expect(Deadline.after(.nan) > .now)
  }
}
