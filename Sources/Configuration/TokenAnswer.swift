import Foundation
package import Model

/// What a token endpoint answers, read from its JSON (RFC 6749 section 5).
package enum TokenAnswer: Sendable, Equatable {
  /// A bearer token. `lifetime` is nil where the endpoint does not say; `refreshToken` where the old one stays.
  case token(Secret, lifetime: Duration?, refreshToken: Secret?)
  /// `error` and `error_description` as they came.
  case refusal(error: String, words: String)
  /// Neither, as these words tell; they repeat nothing of it.
  case unusable(String)

  /// No token that a mail server takes is longer.
  private static let longestToken = 16_384
  private static let longestLifetime: Double = 10 * 366 * 86_400

  private struct Fields: Decodable {
    var access_token: String?
    var token_type: String?
    var expires_in: Number?
    var refresh_token: String?
    var error: String?
    var error_description: String?
  }

  /// A number, or one in quotes, as some endpoints write it.
  private struct Number: Decodable {
    var value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self.value = value
      } else if let value = Double(try container.decode(String.self)) {
        self.value = value
      } else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number")
      }
    }
  }

  /// Reads the body of an answer, whatever its status.
  package init(_ body: [UInt8]) {
    let fields: Fields
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(body))
    } catch let DecodingError.typeMismatch(_, context) where !context.codingPath.isEmpty {
      self = .unusable("\(context.codingPath[0].stringValue) is of the wrong type")
      return
    } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
      self = .unusable("\(context.codingPath[0].stringValue) is not what it should be")
      return
    } catch {
      self = .unusable("it is no JSON object")
      return
    }
    self = Self.judged(fields)
  }

  private static func judged(_ fields: Fields) -> TokenAnswer {
    if let error = fields.error { return .refusal(error: error, words: fields.error_description ?? "") }
    guard let token = fields.access_token else { return .unusable("it has no access_token") }
    guard !token.isEmpty, token.utf8.count <= longestToken,
      token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return .unusable("its access_token is no token") }
    guard let type = fields.token_type else { return .unusable("it has no token_type") }
    guard type.lowercased() == "bearer" else { return .unusable("its token_type is not Bearer") }
    var lifetime: Duration?
    if let seconds = fields.expires_in?.value {
      guard seconds > 0, seconds <= longestLifetime else {
        return .unusable("its expires_in is no number of seconds")
      }
      lifetime = .seconds(seconds)
    }
    var refreshToken: Secret?
    if let text = fields.refresh_token, !text.isEmpty {
      guard text.utf8.count <= longestToken, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        return .unusable("its refresh_token is no token")
      }
      refreshToken = Secret(text)
    }
    return .token(Secret(token), lifetime: lifetime, refreshToken: refreshToken)
  }
}
