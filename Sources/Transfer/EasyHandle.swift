import CCurl
import Loop
import Model

/// One transfer as libcurl holds it, with what has come so far.
///
/// Safe to send: it stays on its client's loop, where the library calls back too.
@safe final class EasyHandle: @unchecked Sendable {
  let easy: UnsafeMutableRawPointer
  let url: TransferURL
  private let request: TransferRequest
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var lists: [OpaqueList] = []

  private var body: [UInt8] = []
  private var header = ResponseHeader()
  private var lines: [UInt8] = []
  private var lineBytes = 0
  private var isTooLarge = false

  /// Sets up a transfer that may take `timeout` at the most.
  init(
    _ request: TransferRequest, url: TransferURL, addresses: [SocketAddress], timeout: Duration,
    userAgent: String
  ) throws(TransferError) {
    guard let easy = unsafe curl_easy_init() else { throw .local("libcurl has no memory left") }
    unsafe self.easy = easy
    self.url = url
    self.request = request
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    unsafe ccurl_set_error_buffer(easy, errorText)
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ccurl_set_body_taker(easy, takeBody, this)
    unsafe ccurl_set_line_taker(easy, takeLine, this)
    try setWay(addresses, timeout: timeout)
    try setTrust()
    try setContent(userAgent: userAgent)
    try setCredentials()
  }

  deinit {
    unsafe curl_easy_cleanup(easy)
    unsafe errorText.deallocate()
  }

  // MARK: Options

  private func set(_ option: CURLoption, _ value: Int) { unsafe ccurl_set_long(easy, option, value) }

  private func set(_ option: CURLoption, _ value: String, of name: String) throws(TransferError) {
    guard !value.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
      throw .request("\(name) has a line end in it")
    }
    guard unsafe ccurl_set_text(easy, option, value) == CURLE_OK else {
      throw .request("libcurl does not take \(name)")
    }
  }

  private func set(_ option: CURLoption, list values: [String], of name: String) throws(TransferError) {
    guard !values.joined().utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
      throw .request("\(name) has a line end in it")
    }
    let list = OpaqueList(values)
    lists.append(list)
    unsafe ccurl_set_list(easy, option, list.first)
  }

  private func setWay(_ addresses: [SocketAddress], timeout: Duration) throws(TransferError) {
    let schemes = request.allowedSchemes.map(\.rawValue).sorted().joined(separator: ",")
    guard request.allowedSchemes.contains(where: { $0.rawValue == url.scheme }) else {
      throw .request("\(url.shown): only \(schemes) is allowed here")
    }
    guard !url.hasCredentials else { throw .request("\(url.shown): keep user and password out of the URL") }
    try set(CURLOPT_URL, request.url, of: "the URL")
    try set(CURLOPT_PROTOCOLS_STR, schemes, of: "the list of protocols")
    if !request.usesEnvironmentProxy { try set(CURLOPT_PROXY, "", of: "the proxy") }
    if !addresses.isEmpty {
      let texts = addresses.map { $0.family == .ipv6 ? "[\($0.text)]" : $0.text }
      let entry = "\(url.host):\(url.port):\(texts.joined(separator: ","))"
      try set(CURLOPT_RESOLVE, list: [entry], of: "the address")
    }
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_TIMEOUT_MS, milliseconds(timeout))
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeout))
    // For each reply with IMAP: servers let a client that was refused before wait for up to fifteen. That to LOGOUT is
    // waited for in place, when `timeout` counts no more.
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, 20)
    set(CURLOPT_FORBID_REUSE, request.keepsConnection ? 0 : 1)
    if !request.keepsConnection { set(CURLOPT_FRESH_CONNECT, 1) }
  }

  private func setTrust() throws(TransferError) {
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let file = request.caFile {
      try set(CURLOPT_CAINFO, file, of: "the path of the CA file")
      unsafe ccurl_set_text(easy, CURLOPT_CAPATH, nil)
    }
    if url.scheme == TransferRequest.Scheme.imap.rawValue, request.requiresStartTLS {
      set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
    }
    if request.notesCertificate { set(CURLOPT_CERTINFO, 1) }
  }

  private func setContent(userAgent: String) throws(TransferError) {
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try set(CURLOPT_USERAGENT, userAgent, of: "the user agent")
    var headers = request.headers.map { "\($0.name): \($0.value)" }
    switch request.body {
    case .none: break
    case .bytes(let bytes, let type):
      headers.append("Content-Type: \(type)")
      setPostFields(bytes.bytes)
    case .form(let fields): setPostFields(formText(fields))
    }
    if !headers.isEmpty { try set(CURLOPT_HTTPHEADER, list: headers, of: "a header") }
    if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else if let verb = request.command ?? request.method {
      try set(CURLOPT_CUSTOMREQUEST, verb, of: "the command")
    }
  }

  private func setPostFields(_ bytes: [UInt8]) {
    unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
    // The library copies as many bytes as were just announced.
    unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        _ = unsafe ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, text.baseAddress)
      }
    }
  }

  private func setCredentials() throws(TransferError) {
    switch request.credentials {
    case .none: break
    case .basic(let user, let password):
      try set(CURLOPT_USERNAME, user, of: "the user's name")
      try set(CURLOPT_PASSWORD, String(decoding: password.bytes, as: UTF8.self), of: "the password")
      set(CURLOPT_HTTPAUTH, 1)
    case .bearer(let user, let token):
      if !user.isEmpty { try set(CURLOPT_USERNAME, user, of: "the user's name") }
      try set(CURLOPT_XOAUTH2_BEARER, String(decoding: token.bytes, as: UTF8.self), of: "the token")
      // With IMAP the library would try a password that is not there before the token.
      if url.scheme.hasPrefix("imap") {
        try set(CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2", of: "the mechanisms")
      }
      set(CURLOPT_HTTPAUTH, 1 << 6)
    }
  }

  // MARK: What comes

  fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= request.maxBytes else {
      isTooLarge = true
      return false
    }
    unsafe body.append(contentsOf: bytes)
    return true
  }

  fileprivate func take(line bytes: UnsafeRawBufferPointer) -> Bool {
    lineBytes += bytes.count
    guard lineBytes <= request.maxBytes else {
      isTooLarge = true
      return false
    }
    if url.scheme.hasPrefix("http") {
      header.take(unsafe Array(bytes))
    } else {
      unsafe lines.append(contentsOf: bytes)
    }
    return true
  }

  /// What came of it, by the library's verdict.
  func outcome(_ code: CURLcode) -> Result<TransferResponse, TransferError> {
    guard code == CURLE_OK else { return .failure(error(code)) }
    return .success(
      TransferResponse(
        status: unsafe ccurl_long(easy, CURLINFO_RESPONSE_CODE), headers: header.fields, lines: lines,
        body: body, certificateExpiry: request.notesCertificate ? certificateExpiry : nil))
  }

  private var certificateExpiry: Timestamp? {
    var at: Int32 = 0
    while let line = unsafe ccurl_certificate_line(easy, at) {
      if let expiry = Timestamp(expiryLine: unsafe String(cString: line)) { return expiry }
      at += 1
    }
    return nil
  }

  private func error(_ code: CURLcode) -> TransferError {
    if isTooLarge { return .tooLarge(host: url.host, limit: request.maxBytes) }
    let words = detail(code)
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .request("\(url.shown): \(words)")
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .name(host: url.host, words: words)
    case CURLE_COULDNT_CONNECT:
      let number = Int32(truncatingIfNeeded: unsafe ccurl_long(easy, CURLINFO_OS_ERRNO))
      let error = SystemError("connect", code: number)
      return .connect(host: url.host, words: number == 0 ? words : "\(error.words) (\(error.name))")
    case CURLE_OPERATION_TIMEDOUT: return .timeout(host: url.host, phase)
    case CURLE_PEER_FAILED_VERIFICATION: return .certificate(host: url.host, words: words)
    case CURLE_SSL_CACERT_BADFILE: return .authorities(path: request.caFile ?? "this system")
    case CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED: return .tls(host: url.host, words: words)
    case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR: return refusal
    case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: return .local(words)
    default: return .broken(host: url.host, words: words)
    }
  }

  /// Why there is no login; with IMAP, by the server's own lines.
  private var refusal: TransferError {
    guard url.scheme.hasPrefix("imap") else { return .loginRefused(host: url.host) }
    let text = String(decoding: lines, as: UTF8.self)
    if case .bearer = request.credentials, !text.uppercased().contains(/AUTH=(OAUTHBEARER|XOAUTH2)\b/) {
      return .tokensUnknown(host: url.host)
    }
    // A code is a word of the protocol: the text behind it is anybody's, who may repeat what was said.
    let code = text.matches(of: /[0-9A-Z]+ NO \[([A-Z-]{1,32})[ \]]/).last.map { String($0.1) }
    return code == "UNAVAILABLE"
      ? .loginUnavailable(host: url.host) : .loginRefused(host: url.host, code: code)
  }

  /// How far it had come when the time was over.
  private var phase: TransferError.Wait {
    if unsafe ccurl_long(easy, CURLINFO_LOCAL_PORT) == 0 { return .connection }
    let isSecured = url.scheme == "https" || url.scheme == "imaps"
    let secured = unsafe ccurl_offset(easy, CURLINFO_APPCONNECT_TIME_T)
    return isSecured && secured == 0 ? .tls : .answer
  }

  private func detail(_ code: CURLcode) -> String {
    let detail = readable(unsafe String(cString: errorText))
    guard detail.isEmpty else { return detail }
    guard let words = unsafe curl_easy_strerror(code) else { return "libcurl's error \(code.rawValue)" }
    return unsafe String(cString: words)
  }
}

/// At least one, because none means without end to the library.
private func milliseconds(_ duration: Duration) -> Int {
  Int(max(1, min(86_400_000, duration / .milliseconds(1))))
}

/// A list of texts as libcurl wants it, which lives as long as its transfer.
@safe private final class OpaqueList {
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  init(_ values: [String]) {
    for value in values { unsafe first = unsafe curl_slist_append(first, value) ?? first }
  }

  deinit { unsafe curl_slist_free_all(first) }
}

private func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ data: UnsafeMutableRawPointer?
) -> Int {
  guard let data = unsafe data else { return 0 }
  let handle = unsafe Unmanaged<EasyHandle>.fromOpaque(data).takeUnretainedValue()
  // Anything but the whole count ends the transfer.
  return unsafe handle.take(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
    ? size * count : 0
}

private func takeLine(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ data: UnsafeMutableRawPointer?
) -> Int {
  guard let data = unsafe data else { return 0 }
  let handle = unsafe Unmanaged<EasyHandle>.fromOpaque(data).takeUnretainedValue()
  return unsafe handle.take(line: UnsafeRawBufferPointer(start: bytes, count: size * count))
    ? size * count : 0
}
