import COpenSSL
import Glibc
import Model

/// Reads a chain as a server sent it.
enum CertificateReading {
  /// The facts of a leaf with the chain that it came in; `chain` has the leaf first.
  static func facts(leaf: OpaquePointer, chain: [OpaquePointer]) -> CertificateFacts {
    let issuer = unsafe X509_get_issuer_name(leaf)
    let subject = unsafe X509_get_subject_name(leaf)
    let alternatives = unsafe alternativeNames(leaf)
    let notAfter = unsafe time(X509_get0_notAfter(leaf))
    let links = unsafe chain.map { unsafe link($0) }
    return unsafe CertificateFacts(
      subject: line(subject), issuer: line(issuer),
      issuerCommonName: entry(NID_commonName, of: issuer) ?? entry(NID_organizationName, of: issuer) ?? "",
      names: alternatives ?? entry(NID_commonName, of: subject).map { [$0] } ?? [],
      fingerprintSHA256: hexadecimal(fingerprint(leaf)),
      serial: hexadecimal(bytes(X509_get0_serialNumber(leaf))),
      notBefore: time(X509_get0_notBefore(leaf)), notAfter: notAfter,
      chainNotAfter: links.map(\.notAfter).reduce(notAfter, min), chainLength: chain.count,
      isCommonNameOnly: alternatives == nil && entry(NID_commonName, of: subject) != nil,
      isSelfIssued: X509_NAME_cmp(issuer, subject) == 0,
      namesIssuerLocation: copenssl_names_issuer_location(leaf) != 0,
      key: key(leaf), signatureAlgorithm: signatureAlgorithm(leaf), chain: links)
  }

  private static func link(_ x509: OpaquePointer) -> ChainLink {
    unsafe ChainLink(
      subject: line(X509_get_subject_name(x509)), notBefore: time(X509_get0_notBefore(x509)),
      notAfter: time(X509_get0_notAfter(x509)))
  }

  private static func key(_ x509: OpaquePointer) -> KeyFacts? {
    guard let key = unsafe X509_get0_pubkey(x509), let name = unsafe EVP_PKEY_get0_type_name(key) else {
      return nil
    }
    return unsafe KeyFacts(algorithm: String(cString: name), bits: Int(EVP_PKEY_get_bits(key)))
  }

  private static func signatureAlgorithm(_ x509: OpaquePointer) -> String? {
    guard let name = unsafe OBJ_nid2ln(X509_get_signature_nid(x509)) else { return nil }
    return unsafe String(cString: name)
  }

  /// When every certificate is valid that has one of these handles.
  static func validity(_ chain: [OpaquePointer]) -> ClosedRange<Timestamp>? {
    let from = unsafe chain.map { unsafe time(X509_get0_notBefore($0)) }.max()
    let until = unsafe chain.map { unsafe time(X509_get0_notAfter($0)) }.min()
    guard let from, let until, from <= until else { return nil }
    return from...until
  }

  /// The alternative names (RFC 5280 section 4.2.1.6) that a server is found by; nil where there are none.
  private static func alternativeNames(_ x509: OpaquePointer) -> [String]? {
    guard let stack = unsafe X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil) else { return nil }
    let names = OpaquePointer(stack)
    defer { unsafe GENERAL_NAMES_free(names) }
    var list: [String] = []
    for at in 0..<(unsafe max(0, copenssl_names_count(names))) {
      var kind: Int32 = 0
      guard let value = unsafe GENERAL_NAME_get0_value(copenssl_names_at(names, at), &kind) else { continue }
      let text = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
      switch kind {
      case GEN_DNS: list.append(printable(unsafe bytes(text)))
      case GEN_IPADD: list.append(address(unsafe bytes(text)))
      default: break
      }
    }
    return list.isEmpty ? nil : list
  }

  /// A distinguished name in one line (RFC 2253), the most specific part first.
  private static func line(_ name: OpaquePointer?) -> String {
    let memory = MemoryBIO()
    unsafe copenssl_print_name(memory.bio, name)
    return memory.text
  }

  /// The last, which is the most specific, value of a kind in a distinguished name.
  private static func entry(_ kind: Int32, of name: OpaquePointer?) -> String? {
    var at: Int32 = -1
    while case let next = unsafe X509_NAME_get_index_by_NID(name, kind, at), next >= 0 { at = next }
    guard at >= 0 else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let count = unsafe ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)))
    guard count >= 0, let text = unsafe text else { return nil }
    defer { unsafe CRYPTO_free(text, #file, #line) }
    let characters = unsafe String(
      decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    return String(
      characters.map { $0.isASCII && $0.asciiValue.map { $0 < 0x20 || $0 == 0x7F } == true ? "?" : $0 })
  }

  /// A moment as certificates write it; one that cannot be read is the epoch, which has long passed.
  private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp {
    unsafe moment(time) ?? Timestamp(seconds: 0)
  }

  /// A moment as ASN.1 writes it; nil where it cannot be read.
  static func moment(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp? {
    var fields = unsafe tm()
    guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
    return unsafe Timestamp(seconds: Int64(timegm(&fields)))
  }

  private static func fingerprint(_ x509: OpaquePointer) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: HashFunction.sha256.byteCount)
    unsafe X509_digest(x509, HashFunction.sha256.algorithm, &output, nil)
    return output
  }

  private static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    unsafe Array(
      UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
  }

  /// Four or sixteen octets as people write an address (RFC 5952).
  private static func address(_ octets: [UInt8]) -> String {
    let family = octets.count == 16 ? AF_INET6 : AF_INET
    guard octets.count == 4 || octets.count == 16 else { return hexadecimal(octets) }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard unsafe inet_ntop(family, octets, &text, socklen_t(text.count)) != nil else {
      return hexadecimal(octets)
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Names are the peer's words: what is not printable ASCII has no place in them.
  private static func printable(_ octets: [UInt8]) -> String {
    String(decoding: octets.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }

  private static func hexadecimal(_ octets: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
