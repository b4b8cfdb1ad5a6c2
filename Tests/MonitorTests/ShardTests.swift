import Testing

@testable import Monitor

private let names = (0..<3000).map { "target-\($0)" }

/// The shard of each name; fails where a name has none or several.
private func owners(of total: Int) -> [Int] {
  names.map { name in
    let owners = (0..<total).filter { Shard(ordinal: $0, total: total).owns(name) }
    #expect(owners.count == 1, "\(name) of \(total) shards has \(owners)")
    return owners.first ?? -1
  }
}

@Test(arguments: [1, 2, 3, 7, 16]) func `Shards cover each target once, in like shares`(total: Int) {
  let owners = owners(of: total)
  let shares = (0..<total).map { ordinal in owners.count { $0 == ordinal } }
  let fair = names.count / total
  #expect(shares.allSatisfy { abs($0 - fair) < fair / 3 }, "\(shares)")
}

@Test(arguments: [1, 2, 5, 10]) func `One shard more takes its share and moves nothing else`(total: Int) {
  let moved = zip(owners(of: total), owners(of: total + 1)).filter { $0 != $1 }
  #expect(moved.allSatisfy { $0.1 == total }, "a target moved between shards that were there before")
  let share = names.count / (total + 1)
  #expect(abs(moved.count - share) < share / 3, "\(moved.count) moved, \(share) would be the share")
}

/// Processes of different versions must agree, so these never change.
@Test func `The shares are the same in every run`() {
  let owners = ["plunk", "sendgrid", "mailgun", "mx1.example.com", "ü"].map { name in
    (0..<5).first { Shard(ordinal: $0, total: 5).owns(name) }
  }
  #expect(owners == [4, 3, 2, 0, 4])
}
