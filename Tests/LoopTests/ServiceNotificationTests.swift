import Testing

@testable import Loop

/// What is sent is tested with a socket from outside, in Tests/EndToEnd/test_service.py.
struct ServiceNotificationTests {
  @Test(arguments: [nil, "", "/", "relative", String(repeating: "/long", count: 22)])
  func `nobody is told where no socket is named`(socket: String?) {
    #expect(ServiceNotification(environment: socket.map { ["NOTIFY_SOCKET": $0] } ?? [:]) == nil)
  }

  @Test(arguments: [
    (["WATCHDOG_USEC": "60000000"], Duration.seconds(30)),
    (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"], .seconds(30)),
    (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"], nil),
    (["WATCHDOG_USEC": "0"], nil),
    (["WATCHDOG_USEC": "soon"], nil),
    ([:], nil),
  ])
  func `the heartbeat is twice as fast as the manager asks, if it asks us`(
    variables: [String: String], heartbeat: Duration?
  ) throws {
    let environment = variables.merging(["NOTIFY_SOCKET": "@name"]) { $1 }
    let notification = try #require(ServiceNotification(environment: environment, process: 7))
    #expect(notification.heartbeat == heartbeat)
  }
}
