import Model

// What a domain publishes as fields.
extension PolicyFacts: FieldGroup {
  static var blank: PolicyFacts { PolicyFacts() }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &dane)
    fields(2, &mtaSTS)
    fields(3, &tlsRPT)
  }
}

extension DANEFacts: FieldGroup {
  static var blank: DANEFacts { DANEFacts(name: "", status: .unknown, dnssec: .unknown) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &name)
    fields(2, &status)
    fields(3, &dnssec)
    fields(4, &records)
    fields(5, &isRolloverReady)
    fields(6, &detail)
  }
}

extension DANEFacts.Record: FieldGroup {
  static var blank: DANEFacts.Record { DANEFacts.Record(text: "", isUsable: false, matches: false) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &text)
    fields(2, &isUsable)
    fields(3, &matches)
  }
}

extension MTASTSFacts: FieldGroup {
  static var blank: MTASTSFacts { MTASTSFacts(domain: "", status: .unknown) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &domain)
    fields(2, &status)
    fields(3, &id)
    fields(4, &mode)
    fields(5, &maxAge)
    fields(6, &mx)
    fields(7, &isHostCovered)
    fields(8, &fetchedAt)
    fields(9, &certificateExpiry)
    fields(10, &detail)
  }
}

extension TLSRPTFacts: FieldGroup {
  static var blank: TLSRPTFacts { TLSRPTFacts(domain: "", status: .unknown) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &domain)
    fields(2, &status)
    fields(3, &reportsTo)
    fields(4, &detail)
  }
}
