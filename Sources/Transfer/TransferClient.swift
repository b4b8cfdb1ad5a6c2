import Base
import CCurl
import DNS
package import Loop

/// Fetches and sends over HTTPS, HTTP and IMAP. It works on a loop and a thread of its own: the library loads
/// authorities and says goodbye to servers without letting anybody else run meanwhile, which no probe may feel.
package final class TransferClient: Sendable {
  private let loop: EventLoop
  private let multi: MultiHandle
  private let resolver: Resolver
  private let userAgent: String

  /// A client with a thread that ends with it.
  ///
  /// - Throws: where the system has no thread or descriptors to give.
  package init(userAgent: String = "smtpwatch") throws(SystemError) {
    loop = try EventLoop()
    guard let multi = MultiHandle(on: loop) else { throw SystemError("curl_multi_init", code: 12) }
    self.multi = multi
    resolver = Resolver()
    self.userAgent = userAgent
    do throws(SystemError) {
      try loop.runOnOwnThread()
    } catch {
      // A loop that never ran has no connections to close.
      Self.close(multi, on: loop)
      throw error
    }
  }

  deinit { Self.close(multi, on: loop) }

  private static func close(_ multi: MultiHandle, on loop: EventLoop) {
    Task(executorPreference: loop.executor) {
      await close(multi, onLoop: loop)
      loop.stop()
    }
  }

  private static func close(_ multi: MultiHandle, onLoop loop: isolated EventLoop) { multi.close(on: loop) }

  /// libcurl's version, such as `7.88.1`.
  package static var libraryVersion: String {
    guard let version = unsafe curl_version_info(CURLVERSION_ELEVENTH)?.pointee.version else {
      return "unknown"
    }
    return unsafe String(cString: version)
  }

  /// Makes a request, and waits for the whole answer within the request's bounds. Cancelling the task ends it at
  /// once. An HTTP status of an error is an answer as any other.
  package func perform(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
    let flight = Flight()
    let work = Task(executorPreference: loop.executor) { [self] in await fly(request, flight, on: loop) }
    return try await withTaskCancellationHandler {
      await flight.outcome()
    } onCancel: {
      flight.end(.failure(.cancelled))
      work.cancel()
    }.get()
  }

  private func fly(_ request: TransferRequest, _ flight: Flight, on loop: isolated EventLoop) async {
    do throws(TransferError) {
      flight.end(.success(try await follow(request, flight, on: loop)))
    } catch {
      flight.end(.failure(error))
    }
  }

  /// Makes a request, and those that it is redirected to.
  private func follow(
    _ request: TransferRequest, _ flight: Flight, on loop: isolated EventLoop
  ) async throws(TransferError) -> TransferResponse {
    let deadline = MonotonicInstant.now().advanced(by: request.timeout)
    var request = request
    while true {
      guard let url = TransferURL(request.url) else { throw .request("'\(readable(request.url))' is no URL") }
      let handle = try await prepared(request, url, until: deadline, on: loop)
      guard !flight.isOver else { throw .cancelled }
      let response = try await run(handle, on: loop).get()
      guard (300..<400).contains(response.status), let location = response.header("Location") else {
        return response
      }
      let next = TransferURL(location, from: url)
      guard request.maxRedirects > 0, request.isPlainGet, let next else {
        throw .redirected(status: response.status, location: next?.shown ?? "elsewhere")
      }
      request.maxRedirects -= 1
      request.url = next.text
      if next.origin != url.origin {
        request.credentials = .none
        request.headers = []
        request.addresses = []
      }
    }
  }

  private func prepared(
    _ request: TransferRequest, _ url: TransferURL, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws(TransferError) -> EasyHandle {
    var addresses = request.addresses
    if addresses.isEmpty, !request.usesEnvironmentProxy {
      do throws(DNSError) {
        let patience = min(deadline, .now().advanced(by: request.connectTimeout))
        addresses = try await resolver.addresses(of: url.host, until: patience, on: loop).addresses
      } catch {
        throw .name(host: url.host, words: error.description)
      }
    }
    return try EasyHandle(
      request, url: url, addresses: addresses, timeout: MonotonicInstant.now().duration(to: deadline),
      userAgent: userAgent)
  }

  private func run(
    _ handle: EasyHandle, on loop: isolated EventLoop
  ) async -> Result<TransferResponse, TransferError> {
    let flight = Flight()
    multi.add(handle, on: loop) { code, _ in flight.end(handle.outcome(code)) }
    let outcome = await withTaskCancellationHandler {
      await flight.outcome()
    } onCancel: {
      flight.end(.failure(.cancelled))
    }
    multi.remove(handle, on: loop)
    return outcome
  }
}

extension TransferRequest {
  fileprivate var isPlainGet: Bool {
    guard case .none = body else { return false }
    return method == nil || method == "GET"
  }
}
