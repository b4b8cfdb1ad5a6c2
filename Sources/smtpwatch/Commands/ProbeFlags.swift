import ArgumentParser
import Configuration
import Model

/// The flags of `probe` that say how to probe.
struct ProbeFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "When the conversation is encrypted: starttls, implicit, opportunistic or none.", valueName: "mode"))
  var tls: TLSMode?

  @Option(
    name: .customLong("tls.ca-file"),
    help: ArgumentHelp("Trust only the authorities of this PEM file.", valueName: "file"))
  var caFile: String?

  @Option(
    name: .customLong("tls.server-name"),
    help: ArgumentHelp("The name that the certificate must be for, and that SNI asks for.", valueName: "name")
  )
  var serverName: String?

  @Flag(
    name: .customLong("tls.insecure-skip-verify"), help: "Report the certificate's faults, and forgive them.")
  var insecureSkipVerify = false

  @Option(
    name: .customLong("tls.min-version"),
    help: ArgumentHelp("TLS10, TLS11, TLS12 or TLS13.", valueName: "version"))
  var minVersion: TLSVersion?

  @Option(help: ArgumentHelp("The name said in EHLO; default: this host's own.", valueName: "name"))
  var ehlo: String?

  @Option(name: .customLong("auth.user"), help: ArgumentHelp("Log in as this user.", valueName: "user"))
  var user: String?

  @Option(
    name: .customLong("auth.password-env"),
    help: ArgumentHelp("The environment variable that holds the password.", valueName: "variable"))
  var passwordVariable: String?

  @Option(
    name: .customLong("auth.password-file"),
    help: ArgumentHelp("The file that holds the password.", valueName: "file"))
  var passwordFile: String?

  @Option(
    name: .customLong("auth.mechanism"),
    help: ArgumentHelp(
      "The SASL mechanism; default: the strongest that both sides know.", valueName: "mechanism"))
  var mechanism: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Check the envelope (MAIL, RCPT, RSET) with this sender; needs --to.", valueName: "address"))
  var sender: String?

  @Option(
    name: .customLong("to"), help: ArgumentHelp("The recipient of the envelope check.", valueName: "address"))
  var recipient: String?

  @Flag(name: .customLong("send"), help: "Really send the test message; needs --from and --to.")
  var sends = false

  @Option(help: ArgumentHelp("The whole probe, such as 10s.", valueName: "duration"))
  var timeout: String?

  @Option(
    name: .customLong("timeout.stage"), help: ArgumentHelp("Each stage, such as 5s.", valueName: "duration"))
  var stageTimeout: String?

  @Option(name: .customLong("ip"), help: ArgumentHelp("Which addresses: any, 4 or 6.", valueName: "family"))
  var addresses: AddressChoice?
}

extension TLSMode: ExpressibleByArgument {}
extension TLSVersion: ExpressibleByArgument {}
extension AddressChoice: ExpressibleByArgument {}
