import CGnuTLS
import Glibc

/// The alternative names of a client's certificate: DNS names, mail addresses, URIs and IP addresses.
enum ClientNames {
  /// The names in a certificate of DER; none where it cannot be read.
  static func read(_ der: gnutls_datum_t) -> Set<String> {
    var made: gnutls_x509_crt_t?
    guard unsafe gnutls_x509_crt_init(&made) >= 0, let certificate = unsafe made else { return [] }
    defer { unsafe gnutls_x509_crt_deinit(certificate) }
    var der = unsafe der
    guard unsafe gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0 else { return [] }

    var names: Set<String> = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var number: UInt32 = 0
    while true {
      var size = buffer.count
      let kind = unsafe cgnutls_alternative_name(certificate, number, &buffer, &size)
      if kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE { return names }
      if kind >= 0, let name = text(of: Array(buffer.prefix(size)), kind) { names.insert(name) }
      number += 1
    }
  }

  private static func text(of bytes: [UInt8], _ kind: Int32) -> String? {
    switch kind {
    case cgnutls_kind_dns, cgnutls_kind_mail, cgnutls_kind_uri: String(validating: bytes, as: UTF8.self)
    case cgnutls_kind_address: address(bytes)
    default: nil
    }
  }

  private static func address(_ bytes: [UInt8]) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil
    else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
