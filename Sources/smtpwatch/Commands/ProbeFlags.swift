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
    name: .customLong("tls.crl-file"),
    help: ArgumentHelp("Check certificates against the revocation lists of this PEM file.", valueName: "file")
  )
  var crlFile: String?

  @Option(
    name: .customLong("tls.server-name"),
    help: ArgumentHelp("The name that the certificate must be for, and that SNI asks for.", valueName: "name")
  )
  var serverName: String?

  @Flag(
    name: .customLong("tls.insecure-skip-verify"), help: "Report the certificate's faults, and forgive them.")
  var insecureSkipVerify = false

  @Option(
    name: .customLong("tls.ocsp"),
    help: ArgumentHelp("Ask for an OCSP staple: off, report or require.", valueName: "level"))
  var ocsp: PolicySettings.Level?

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

  @Option(
    name: .customLong("check"),
    help: ArgumentHelp(
      "A further check where it is due: starttls_injection or proxy_header. May be repeated.",
      valueName: "name"))
  var checks: [OptionalCheck] = []

  @Option(
    name: .customLong("ip"), help: ArgumentHelp("Which addresses: any, 4, 6 or each.", valueName: "family"))
  var addresses: AddressChoice?

  @Option(
    name: .customLong("policy.dane"),
    help: ArgumentHelp(
      "Hold TLSA records against the certificate: off, report or require.", valueName: "level"))
  var dane: PolicySettings.Level?

  @Option(
    name: .customLong("policy.domain"),
    help: ArgumentHelp(
      "Report the MTA-STS policy and the TLS-RPT record of this domain.", valueName: "domain"))
  var domain: String?

  @Option(
    name: .customLong("policy.resolver"),
    help: ArgumentHelp("The validating resolver to ask, such as 127.0.0.1:53.", valueName: "address"))
  var policyResolver: String?

  @Option(
    name: .customLong("policy.ca-file"),
    help: ArgumentHelp("Trust only these authorities for the MTA-STS policy host.", valueName: "file"))
  var policyCAFile: String?

  @Option(
    name: .customLong("rollup"),
    help: ArgumentHelp("How many of several must work: all, quorum or any.", valueName: "rule"))
  var rollUp: RollUp?

  @Option(
    name: .customLong("source-address"),
    help: ArgumentHelp("Connect from this address of this host.", valueName: "address"))
  var sourceAddress: String?

  @Option(
    name: .customLong("proxy-protocol"),
    help: ArgumentHelp("Send the header of the PROXY protocol first: v1 or v2.", valueName: "version"))
  var proxyProtocol: ProxyProtocol?
}

extension TLSMode: ExpressibleByArgument {}
extension TLSVersion: ExpressibleByArgument {}
extension AddressChoice: ExpressibleByArgument {}
extension PolicySettings.Level: ExpressibleByArgument {}
extension RollUp: ExpressibleByArgument {}
extension ProxyProtocol: ExpressibleByArgument {}
extension OptionalCheck: ExpressibleByArgument {}
