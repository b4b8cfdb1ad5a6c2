import Model
package import TLS

/// The TLS contexts and trust stores of one configuration: each file is read once, however many targets name it.
package final class TLSMaterials {
  private var contexts: [ClientOptions: TLSContext] = [:]
  private var stores: [TrustFiles: TrustStore] = [:]
  private let systemTrust: TrustStore

  /// No files read yet.
  ///
  /// - Parameter systemTrust: what to believe where no `ca_file` is named.
  package init(systemTrust: TrustStore = TrustStore()) { self.systemTrust = systemTrust }

  func context(for settings: TLSSettings) throws(TLSMaterialError) -> TLSContext {
    let options = ClientOptions(
      minVersion: settings.minVersion, maxVersion: settings.maxVersion, certFile: settings.certFile,
      keyFile: settings.keyFile, ciphers: settings.ciphers, requestsStaple: settings.ocsp != .off)
    if let known = contexts[options] { return known }
    let context = try TLSContext(client: options)
    contexts[options] = context
    return context
  }

  func trust(for settings: TLSSettings) throws(TLSMaterialError) -> TrustStore {
    let files = TrustFiles(
      caFile: settings.caFile, caDirectory: settings.caDirectory, crlFile: settings.crlFile)
    guard files != TrustFiles() else { return systemTrust }
    if let known = stores[files] { return known }
    let store = try TrustStore(files)
    stores[files] = store
    return store
  }
}
