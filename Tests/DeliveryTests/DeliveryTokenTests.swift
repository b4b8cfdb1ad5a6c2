import Delivery
import Model
import Testing

private let tokens = DeliveryTokens(key: Secret("a key of the laboratory"))

@Test func `a token is known again by whoever has the key, and by nobody else`() {
  let token = tokens.make(at: Timestamp(seconds: 1_790_000_000))
  #expect(tokens.isOurs(token))
  #expect(DeliveryTokens(key: Secret("a key of the laboratory")).isOurs(token))
  #expect(!DeliveryTokens(key: Secret("another key of the laboratory")).isOurs(token))
}

@Test func `two tokens of the same moment differ`() {
  #expect(tokens.make(at: Timestamp(seconds: 1)) != tokens.make(at: Timestamp(seconds: 1)))
}

@Test func `a token that was changed anywhere is none`() {
  let token = Array(tokens.make(at: Timestamp(seconds: 1_790_000_000)))
  for index in token.indices {
    var forged = token
    forged[index] = forged[index] == "0" ? "1" : "0"
    #expect(!tokens.isOurs(String(forged)), "position \(index)")
  }
}

@Test(arguments: ["", "sw1-", "sw1--", "-", "sw1-0-0-", String(repeating: "sw1-", count: 10_000)])
func `what is no token at all is refused`(text: String) { #expect(!tokens.isOurs(text)) }

@Test(arguments: [
  ("2.0.0 Ok: queued as 4dK2bS1zZ9z5", "4dK2bS1zZ9z5"),
  ("OK id=1vNabc-00000001Abc-0x1y", "1vNabc-00000001Abc-0x1y"),
  ("2.0.0 5APE4Xab012345 Message accepted for delivery", "5APE4Xab012345"), ("2.0.0 Ok", nil), ("", nil),
])
func `the queue id is found in what servers say`(reply: String, id: String?) {
  #expect(QueueID.find(in: reply) == id)
}
