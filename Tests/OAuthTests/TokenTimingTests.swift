import Testing

@testable import OAuth

@Test(arguments: [
  (3600.0, 3300.0), (600, 480), (60, 48), (10, 8), (5, 5), (1, 5), (86_400, 86_100),
])
func `a token is replaced a fifth of its life before its end, and at most five minutes before`(
  lifetime: Double, wait: Double
) {
  #expect(TokenTiming.renewal(lifetime: .seconds(lifetime)) == .seconds(wait))
}

@Test func `a token of unknown life is replaced as if it lived for ten minutes`() {
  #expect(TokenTiming.renewal(lifetime: nil) == .seconds(480))
}

@Test func `failures are followed by longer and longer pauses, up to five minutes`() {
  let pauses = (1...8).map { TokenTiming.backOff(failures: $0) }
  #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300].map { Duration.seconds($0) })
  #expect(TokenTiming.backOff(failures: .max) == .seconds(300))
}
