import HTTP
import Testing

@Test(arguments: [
  (":10525", ListenAddress(port: 10525)),
  ("127.0.0.1:0", ListenAddress(host: "127.0.0.1", port: 0)),
  ("[::1]:9000", ListenAddress(host: "::1", port: 9000)),
  ("mail.example.com:80", ListenAddress(host: "mail.example.com", port: 80)),
])
func `listen addresses are read and written alike`(text: String, address: ListenAddress) {
  #expect(ListenAddress(text) == address)
  #expect(address.description == text)
}

@Test(arguments: ["", "9000", ":", ":x", ":65536", "::1:9000", "[::1]", "[x]:1", "http://a:1", "a b:1"])
func `what is no listen address is refused`(text: String) {
  #expect(ListenAddress(text) == nil)
}
