import Base
import Glibc
import Testing

@Test func `the process's facts are those of this process`() throws {
  let facts = ProcessFacts.read()
  #expect(facts.cpuSeconds > 0)
  #expect(try #require(facts.residentBytes) > 1 << 20)
  #expect(try #require(facts.virtualBytes) > (try #require(facts.residentBytes)))
  #expect(try #require(facts.threads) >= 1)
  #expect(try #require(facts.maxDescriptors) >= (try #require(facts.openDescriptors)))
  #expect(try #require(facts.startedAt) < Double(time(nil) + 1))
  #expect(try #require(facts.startedAt) > Double(time(nil) - 86_400))
}

@Test func `an open descriptor is counted`() throws {
  let pipes = (0..<64).map { _ in open("/dev/null", O_RDONLY) }
  defer { for pipe in pipes { close(pipe) } }
  #expect(try #require(ProcessFacts.read().openDescriptors) >= 64)
}
