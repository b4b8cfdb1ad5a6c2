import Testing

@testable import Delivery

@Test func `a mailbox that refuses its login is tried ever more rarely, until it lets us in`() {
  var restraint = LoginRestraint()
  var pauses: [Duration] = []
  for _ in 0..<9 {
    restraint.refused()
    pauses.append(restraint.pause)
  }
  #expect(pauses == [0, 120, 240, 480, 960, 1920, 3600, 3600, 3600].map { .seconds($0) })
  for _ in 0..<1000 { restraint.refused() }
  #expect(restraint.pause == .seconds(3600))
  restraint.accepted()
  #expect(restraint.pause == .zero)
}
