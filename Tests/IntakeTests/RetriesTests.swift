import Foundation
import Intake
import Platform
import Testing

struct RetriesTests {
  @Test func `pauses double up to the longest and never overflow`() {
    let retries = Retries(pauses: 1...300)
    #expect((0..<10).map { retries.pause(after: $0) } == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
    #expect(retries.pause(after: .max) == 300)
  }

  @Test func `a name waits for its own pause alone`() {
    var retries = Retries(pauses: 10...1000)
    let start = Deadline.now
    #expect(retries.isDue("a", now: start))
    for (failures, pause) in [(1, 10.0), (2, 20), (3, 40)] {
      let isNews = retries.postpone("a", because: "full", now: start)
      #expect(isNews == (failures == 1))
      #expect(
        !retries.isDue("a", now: start.adding(pause - 0.001)) && retries.isDue("a", now: start.adding(pause)))
      #expect(retries.isDue("b", now: start))
    }
    retries.forget("a")
    #expect(retries.isDue("a", now: start))
    let isNews = retries.postpone("a", because: "full", now: start)
    #expect(isNews, "news again after a success")
  }

  @Test func `reasons that change are told a bounded number of times`() {
    var retries = Retries(pauses: 0...0)
    let told = (0..<1000).count { retries.postpone("a", because: "reason \($0)") }
    #expect(told == 8)
  }

  @Test func `names that are gone are forgotten`() {
    var retries = Retries(pauses: 3600...3600)
    for name in ["a", "b"] { _ = retries.postpone(name, because: "full") }
    retries.keep([PathKey("a")])
    #expect(!retries.isDue("a") && retries.isDue("b"))
  }
}

struct SetbackTests {
  @Test func `a disk's troubles may pass, a name's do not`() {
    for code in [ENOSPC, EDQUOT, EROFS, EIO, EACCES] {
      #expect(!Setback.isLasting(FileError.refused(.write, file: "a", cause: systemText(code))))
      #expect(!Setback.isLasting(IntakeError.refused(.write, file: "a", cause: systemText(code))))
    }
    for code in [ENAMETOOLONG, EINVAL, EILSEQ] {
      #expect(Setback.isLasting(FileError.refused(.write, file: "a", cause: systemText(code))))
    }
    struct Bad: Error {}
    #expect(Setback.isLasting(Bad()))
    // A picture's name says nothing of its failure.
    #expect(Setback.isLasting(FileError.missing("No space left on device")))
  }
}
