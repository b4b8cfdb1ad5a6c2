import TLS
import Testing

/// Bytes by their hexadecimal digits.
private func hex(_ digits: String) -> [UInt8] {
  var rest = Substring(digits)
  var bytes: [UInt8] = []
  while !rest.isEmpty {
    bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
    rest = rest.dropFirst(2)
  }
  return bytes
}

struct HashFunctionTests {
  @Test(arguments: [
    (HashFunction.md5, "900150983cd24fb0d6963f7d28e17f72"),
    (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func `hashes are those of the standards`(function: HashFunction, expected: String) {
    #expect(function.isAvailable)
    #expect(function.hash(Array("abc".utf8)) == hex(expected))
  }

  @Test func `the empty message has a hash`() {
    #expect(HashFunction.md5.hash([]) == hex("d41d8cd98f00b204e9800998ecf8427e"))
  }

  @Test func `CRAM-MD5 answers as RFC 2195 does`() {
    let digest = HashFunction.md5.hmac(
      key: Array("tanstaaftanstaaf".utf8),
      message: Array("<1896.697170952@postoffice.reston.mci.net>".utf8))
    #expect(digest == hex("b913a602c7eda7a495b4e6e7334d3890"))
  }

  @Test(arguments: [
    // RFC 2202 and RFC 4231, test case 2; the empty key and message.
    (HashFunction.md5, "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"),
    (.sha1, "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (
      .sha256, "Jefe", "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (.sha256, "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ])
  func `keyed hashes are those of the standards`(
    function: HashFunction, key: String, message: String, expected: String
  ) {
    #expect(function.hmac(key: Array(key.utf8), message: Array(message.utf8)) == hex(expected))
  }

  @Test(arguments: [
    // RFC 6070; the same for SHA-256 as it is widely published.
    (HashFunction.sha1, 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    (.sha1, 4096, "4b007901b765489abead49d926f721d065a429c1"),
    (.sha256, 1, "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"),
    (.sha256, 4096, "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"),
  ])
  func `keys of passwords are those of the standards`(
    function: HashFunction, iterations: Int, expected: String
  ) {
    let key = function.pbkdf2(
      password: Array("password".utf8), salt: Array("salt".utf8), iterations: iterations)
    #expect(key == hex(expected))
  }

  @Test func `random bytes come in the number asked for, and differ`() {
    #expect(CryptographicLibrary.randomBytes(0).isEmpty)
    #expect(CryptographicLibrary.randomBytes(24).count == 24)
    #expect(CryptographicLibrary.randomBytes(24) != CryptographicLibrary.randomBytes(24))
  }

  @Test func `the library says which it is`() {
    #expect(CryptographicLibrary.version.hasPrefix("OpenSSL "))
  }
}
