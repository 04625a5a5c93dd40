import Platform
import Testing
import Training

@Suite("Restart rule")
struct RestartRuleTests {
  @Test(arguments: [0, 70, 75, 78])
  func `a process that ended by itself is not started again`(code: Int) {
    var rule = RestartRule(most: 3)
    #expect(rule.decide(after: .exited(code: code), lived: 1, wasTold: false) == .end(code: code))
  }

  @Test func `a process that died although it was told to end counts as interrupted`() {
    var rule = RestartRule(most: 3)
    #expect(rule.decide(after: .killed(signal: 15), lived: 1, wasTold: true) == .end(code: 75))
  }

  @Test func `crashes in a row end at the limit, with longer and longer pauses`() {
    var rule = RestartRule(most: 3)
    var pauses: [Double] = []
    for number in 1...3 {
      guard
        case .startAgain(number, let pause) = rule.decide(after: .killed(signal: 6), lived: 5, wasTold: false)
      else {
        Issue.record("start \(number) is missing")
        return
      }
      pauses.append(pause)
    }
    #expect(pauses == pauses.sorted() && pauses[0] > 0)
    #expect(rule.decide(after: .killed(signal: 6), lived: 5, wasTold: false) == .giveUp)
  }

  @Test func `a process that lived long begins the row anew`() {
    var rule = RestartRule(most: 1)
    for _ in 0..<5 {
      let decision = rule.decide(
        after: .killed(signal: 9), lived: RestartRule.steadyAfter, wasTold: false)
      #expect(decision == .startAgain(number: 1, pause: 0.5))
    }
  }
}
