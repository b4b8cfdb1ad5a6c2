import COpenSSL
package import Model

extension TLSSession {
  /// What ties a login to this session: keying material with TLS 1.3 (RFC 9266), else the hash of the server's
  /// certificate (RFC 5929 section 4). nil before the handshake has finished, and where there is neither.
  package var channelBinding: ChannelBinding? {
    guard isEstablished else { return nil }
    return unsafe SSL_version(ssl) >= TLS1_3_VERSION ? exporter : serverEndPoint
  }

  private var exporter: ChannelBinding? {
    let label = "EXPORTER-Channel-Binding"
    var material = [UInt8](repeating: 0, count: 32)
    defer { ErrorQueue.clear() }
    // The context is empty, and there is one.
    let status = unsafe SSL_export_keying_material(
      ssl, &material, material.count, label, label.utf8.count, nil, 0, 1)
    return status == 1 ? ChannelBinding(.tlsExporter, material) : nil
  }

  /// The hash is that of the certificate's signature, SHA-256 in the stead of a weaker one. A signature without
  /// a hash of its own, such as Ed25519, leaves the binding undefined.
  private var serverEndPoint: ChannelBinding? {
    defer { ErrorQueue.clear() }
    let own = unsafe SSL_is_server(ssl) == 1
    guard let certificate = unsafe own ? SSL_get_certificate(ssl) : SSL_get0_peer_certificate(ssl) else {
      return nil
    }
    var identifier = NID_undef
    guard unsafe X509_get_signature_info(certificate, &identifier, nil, nil, nil) == 1,
      identifier != NID_undef
    else { return nil }
    let isWeak = identifier == NID_md5 || identifier == NID_sha1
    let algorithm =
      unsafe isWeak
      ? HashFunction.sha256.algorithm : EVP_get_digestbyname(OBJ_nid2sn(identifier))
    guard let algorithm = unsafe algorithm else { return nil }
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard unsafe X509_digest(certificate, algorithm, &hash, &count) == 1 else { return nil }
    return ChannelBinding(.tlsServerEndPoint, Array(hash.prefix(Int(count))))
  }
}
