/// The shapes of the API's answers, as JSON Schema.
enum OpenAPISchemas {
  /// The object of all schemas by name.
  static let text = "{\(simple),\(target),\(result),\(history)}"

  private static let simple = #"""
    "State":{"type":"string","enum":["down","degraded","inconclusive","pending","up"]},
    "Outcome":{"type":"string","enum":["up","degraded","down","inconclusive"]},
    "Time":{"type":"string","format":"date-time"},
    "MaybeTime":{"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]},
    "Seconds":{"type":"number"},
    "MaybeText":{"type":["string","null"]},
    "Labels":{"type":"object","additionalProperties":{"type":"string"}},
    "Problem":{"type":"object","required":["error","hint"],"additionalProperties":false,
    "properties":{"error":{"type":"string"},"hint":{"type":"string"}}},
    "Counts":{"type":"object","required":["total","down","degraded","inconclusive","pending","up"],
    "additionalProperties":{"type":"integer","minimum":0}},
    "Summary":{"type":"object","required":["generated_at","status","counts"],"properties":{
    "generated_at":{"$ref":"#/components/schemas/Time"},"status":{"$ref":"#/components/schemas/State"},
    "counts":{"$ref":"#/components/schemas/Counts"}}},
    "Badge":{"type":"object","required":["schemaVersion","label","message","color"],"properties":{
    "schemaVersion":{"const":1},"label":{"type":"string"},"message":{"type":"string"},
    "color":{"type":"string"},"isError":{"type":"boolean"}}},
    "Discovered":{"type":"array","items":{"type":"object","required":["targets","labels"],"properties":{
    "targets":{"type":"array","items":{"type":"string"},"minItems":1},
    "labels":{"$ref":"#/components/schemas/Labels"}}}}
    """#

  private static let target = #"""
    "Targets":{"type":"object","required":["generated_at","counts","targets"],"properties":{
    "generated_at":{"$ref":"#/components/schemas/Time"},"counts":{"$ref":"#/components/schemas/Counts"},
    "targets":{"type":"array","items":{"$ref":"#/components/schemas/ShortTarget"}}}},
    "ShortTarget":{"type":"object","required":["name","group","labels","module","interval_seconds","state",
    "since","consecutive_failures","next_run_at","last_run_at","duration_seconds","stage","reason","message"],
    "properties":{"name":{"type":"string"},"group":{"$ref":"#/components/schemas/MaybeText"},
    "labels":{"$ref":"#/components/schemas/Labels"},"module":{"type":"string"},
    "interval_seconds":{"$ref":"#/components/schemas/Seconds"},"state":{"$ref":"#/components/schemas/State"},
    "since":{"$ref":"#/components/schemas/MaybeTime"},"consecutive_failures":{"type":"integer"},
    "next_run_at":{"$ref":"#/components/schemas/MaybeTime"},
    "last_run_at":{"$ref":"#/components/schemas/MaybeTime"},"duration_seconds":{"type":["number","null"]},
    "stage":{"$ref":"#/components/schemas/MaybeText"},"reason":{"$ref":"#/components/schemas/MaybeText"},
    "message":{"$ref":"#/components/schemas/MaybeText"}}},
    "Target":{"type":"object","required":["name","group","labels","module","interval_seconds","state","since",
    "consecutive_failures","auth_paused_until","next_run_at","last","last_failure","uptime","certificate"],
    "properties":{"name":{"type":"string"},"group":{"$ref":"#/components/schemas/MaybeText"},
    "labels":{"$ref":"#/components/schemas/Labels"},"module":{"type":"string"},
    "interval_seconds":{"$ref":"#/components/schemas/Seconds"},"state":{"$ref":"#/components/schemas/State"},
    "since":{"$ref":"#/components/schemas/MaybeTime"},"consecutive_failures":{"type":"integer"},
    "auth_paused_until":{"$ref":"#/components/schemas/MaybeTime"},
    "next_run_at":{"$ref":"#/components/schemas/MaybeTime"},
    "last":{"anyOf":[{"$ref":"#/components/schemas/Result"},{"type":"null"}]},
    "last_failure":{"anyOf":[{"$ref":"#/components/schemas/Result"},{"type":"null"}]},
    "uptime":{"type":"array","items":{"type":"object","required":["window","ratio","horizon_seconds"],
    "properties":{"window":{"type":"string"},"ratio":{"type":["number","null"],"minimum":0,"maximum":1},
    "horizon_seconds":{"$ref":"#/components/schemas/Seconds"}}}},
    "certificate":{"anyOf":[{"$ref":"#/components/schemas/Certificate"},{"type":"null"}]}}},
    "Certificate":{"type":"object","required":["subject","issuer","names","fingerprint_sha256","serial",
    "not_before","not_after","chain_not_after"],"properties":{
    "subject":{"$ref":"#/components/schemas/MaybeText"},"issuer":{"$ref":"#/components/schemas/MaybeText"},
    "names":{"type":"array","items":{"type":"string"}},
    "fingerprint_sha256":{"$ref":"#/components/schemas/MaybeText"},
    "serial":{"$ref":"#/components/schemas/MaybeText"},"not_before":{"$ref":"#/components/schemas/MaybeTime"},
    "not_after":{"$ref":"#/components/schemas/MaybeTime"},
    "chain_not_after":{"$ref":"#/components/schemas/MaybeTime"}}}
    """#

  private static let result = #"""
    "Phases":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Seconds"}},
    "Result":{"type":"object","required":["target","host","port","tls_mode","started_at","duration_seconds",
    "outcome","success","stage","reason","retryable","attempts","message","remedy","suggestion","evidence",
    "address","family","phases","reply","smtp","tls","transcript"],"properties":{
    "target":{"type":"string"},"host":{"type":"string"},"port":{"type":"integer"},"tls_mode":{"type":"string"},
    "started_at":{"$ref":"#/components/schemas/Time"},
    "duration_seconds":{"$ref":"#/components/schemas/Seconds"},
    "outcome":{"$ref":"#/components/schemas/Outcome"},"success":{"type":"boolean"},
    "stage":{"$ref":"#/components/schemas/MaybeText"},"reason":{"type":"string"},
    "retryable":{"type":"boolean"},"attempts":{"type":"integer"},"message":{"type":"string"},
    "remedy":{"type":"string"},"suggestion":{"type":["object","null"],"required":["port","tls_mode"],
    "properties":{"port":{"type":"integer"},"tls_mode":{"type":"string"}}},
    "evidence":{"type":"array","items":{"type":"object","required":["kind","text"],"properties":{
    "kind":{"type":"string"},"text":{"type":"string"}}}},
    "address":{"$ref":"#/components/schemas/MaybeText"},"family":{"enum":["ipv4","ipv6",null]},
    "phases":{"$ref":"#/components/schemas/Phases"},
    "reply":{"type":["object","null"],"required":["code","enhanced","text"],"properties":{
    "code":{"type":"integer"},"enhanced":{"$ref":"#/components/schemas/MaybeText"},"text":{"type":"string"}}},
    "smtp":{"type":["object","null"],"required":["banner","capabilities","auth_mechanisms","auth_mechanism"],
    "properties":{"banner":{"type":"string"},"capabilities":{"type":"array","items":{"type":"string"}},
    "auth_mechanisms":{"type":"array","items":{"type":"string"}},
    "auth_mechanism":{"$ref":"#/components/schemas/MaybeText"}}},
    "tls":{"type":["object","null"],"allOf":[{"if":{"type":"object"},"then":{
    "$ref":"#/components/schemas/Certificate"}}],"required":["version","cipher","verified","verify_error"],
    "properties":{"version":{"type":"string"},"cipher":{"type":"string"},"verified":{"type":"boolean"},
    "verify_error":{"$ref":"#/components/schemas/MaybeText"}}},
    "transcript":{"type":"array","items":{"type":"object","required":["at","from","tls","text"],"properties":{
    "at":{"$ref":"#/components/schemas/Seconds"},"from":{"enum":["server","client","note"]},
    "tls":{"type":"boolean"},"text":{"type":"string"}}}}}}
    """#

  private static let history = #"""
    "Results":{"type":"object","required":["results","next_before"],"properties":{
    "next_before":{"type":["integer","null"]},"results":{"type":"array","items":{"type":"object",
    "required":["started_at","duration_seconds","outcome","stage","reason","reply_code","attempts","family",
    "phases"],"properties":{"started_at":{"$ref":"#/components/schemas/Time"},
    "duration_seconds":{"$ref":"#/components/schemas/Seconds"},
    "outcome":{"$ref":"#/components/schemas/Outcome"},"stage":{"$ref":"#/components/schemas/MaybeText"},
    "reason":{"type":"string"},"reply_code":{"type":["integer","null"]},"attempts":{"type":"integer"},
    "family":{"enum":["ipv4","ipv6",null]},"phases":{"$ref":"#/components/schemas/Phases"}}}}}},
    "Events":{"type":"object","required":["events","next_before"],"properties":{
    "next_before":{"type":["integer","null"]},"events":{"type":"array","items":{"type":"object",
    "required":["at","kind","from","to","reason","duration_seconds"],"properties":{
    "at":{"$ref":"#/components/schemas/Time"},
    "kind":{"enum":["state","reason","capabilities","certificate","auth_paused","auth_resumed"]},
    "from":{"$ref":"#/components/schemas/MaybeText"},"to":{"$ref":"#/components/schemas/MaybeText"},
    "reason":{"$ref":"#/components/schemas/MaybeText"},"duration_seconds":{"type":["number","null"]}}}}}}
    """#
}
