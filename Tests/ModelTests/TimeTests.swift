import Model
import Testing

@Test(arguments: [
  (0, "1970-01-01T00:00:00.000Z"),
  (1_795_428_000_123_000, "2026-11-23T10:00:00.123Z"),
  (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
  (1_709_251_199_999_999, "2024-02-29T23:59:59.999Z"),
  (1_709_251_200_000_000, "2024-03-01T00:00:00.000Z"),
  (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
  (4_107_456_000_000_000, "2100-02-28T00:00:00.000Z"),
  (-1, "1969-12-31T23:59:59.999Z"),
  (-1_000_000, "1969-12-31T23:59:59.000Z"),
  (-2_203_977_600_000_000, "1900-02-28T00:00:00.000Z"),
  (-2_203_891_200_000_000, "1900-03-01T00:00:00.000Z"),
])
func `A moment is written as in RFC 3339`(_ microseconds: Int64, _ text: String) {
  #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
}

@Test
func `Moments and durations add up`() {
  let start = Timestamp(seconds: 100)
  let end = start + .milliseconds(1500)
  #expect(end.microseconds == 101_500_000)
  #expect(end - start == .milliseconds(1500))
  #expect(start < end)
  #expect(end.seconds == 101.5)
}

@Test
func `A phase that was not reached has no time`() {
  var timings = PhaseTimings()
  #expect(timings.reached.isEmpty)
  timings[.quit] = .microseconds(7)
  timings[.dns] = .zero
  timings[.ehloTls] = .nanoseconds(1_999)
  #expect(timings[.dns] == .zero)
  #expect(timings[.ehloTls] == .microseconds(1))
  #expect(timings[.banner] == nil)
  #expect(timings.reached.map(\.phase) == [.dns, .ehloTls, .quit])
  #expect(PhaseTimings(microseconds: timings.microseconds) == timings)
  timings[.quit] = nil
  #expect(timings[.quit] == nil)
}

@Test
func `A phase whose stamps run backwards took no time`() {
  var timings = PhaseTimings()
  timings[.message] = .seconds(-1)
  #expect(timings[.message] == .zero)
}
