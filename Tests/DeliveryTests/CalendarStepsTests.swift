import Base
import Model
import Testing

@testable import Delivery

private func time(_ seconds: Double) -> Timestamp { Timestamp(seconds: 1_790_000_000) + .seconds(seconds) }

private func moment(_ seconds: Double) -> MonotonicInstant {
  MonotonicInstant(nanoseconds: 0).advanced(by: .seconds(seconds))
}

@Test func `a calendar that goes as other clocks do was not set`() {
  var steps = CalendarSteps()
  #expect(steps.step(at: time(0), moment(100)) == nil)
  #expect(steps.step(at: time(3600), moment(3700)) == nil)
  // The two clocks are not read at one moment.
  #expect(steps.step(at: time(3601), moment(3702.5)) == nil)
}

@Test func `a calendar that was set is told of once, whichever way it went`() {
  var steps = CalendarSteps()
  _ = steps.step(at: time(0), moment(0))
  #expect(steps.step(at: time(7210), moment(10)) == .seconds(7200))
  #expect(steps.step(at: time(7220), moment(20)) == nil)
  #expect(steps.step(at: time(30), moment(30)) == .seconds(-7200))
  #expect(steps.step(at: time(40), moment(40)) == nil)
}
