import Model
import Testing

@testable import Configuration

private func answer(_ text: String) -> TokenAnswer { TokenAnswer(Array(text.utf8)) }

@Test func `a token comes with its life and perhaps a new refresh token`() {
  #expect(
    answer(#"{"access_token":"abc","token_type":"Bearer","expires_in":3599,"refresh_token":"r","scope":"x"}"#)
      == .token(Secret("abc"), lifetime: .seconds(3599), refreshToken: Secret("r")))
  #expect(
    answer(#" {"access_token":"a\/b","token_type":"bearer"} "#)
      == .token(Secret("a/b"), lifetime: nil, refreshToken: nil))
}

@Test(arguments: [#""3599""#, "3599.0", "3.599e3"])
func `the life of a token may be written as endpoints write it`(number: String) {
  #expect(
    answer(#"{"access_token":"abc","token_type":"Bearer","expires_in":\#(number)}"#)
      == .token(Secret("abc"), lifetime: .seconds(3599), refreshToken: nil))
}

@Test func `a refusal keeps its words`() {
  #expect(
    answer(#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#)
      == .refusal(error: "invalid_grant", words: "Token has been expired or revoked."))
  #expect(answer(#"{"error":"invalid_client"}"#) == .refusal(error: "invalid_client", words: ""))
}

@Test(arguments: [
  ("", "it is no JSON object"), ("null", "it is no JSON object"), ("[]", "it is no JSON object"),
  ("<html>", "it is no JSON object"), (#"{"access_token":"a""#, "it is no JSON object"),
  ("access_token: a", "it is no JSON object"),
  ("{}", "it has no access_token"),
  (#"{"access_token":"","token_type":"Bearer"}"#, "its access_token is no token"),
  (#"{"access_token":"a\nb","token_type":"Bearer"}"#, "its access_token is no token"),
  (#"{"access_token":7,"token_type":"Bearer"}"#, "access_token is of the wrong type"),
  (#"{"access_token":"a"}"#, "it has no token_type"),
  (#"{"access_token":"a","token_type":"DPoP"}"#, "its token_type is not Bearer"),
  (#"{"access_token":"a","token_type":"Bearer","expires_in":0}"#, "its expires_in is no number of seconds"),
  (#"{"access_token":"a","token_type":"Bearer","expires_in":-5}"#, "its expires_in is no number of seconds"),
  (
    #"{"access_token":"a","token_type":"Bearer","expires_in":1e300}"#,
    "its expires_in is no number of seconds"
  ),
  (
    #"{"access_token":"a","token_type":"Bearer","expires_in":"nan"}"#,
    "its expires_in is no number of seconds"
  ),
  (#"{"access_token":"a","token_type":"Bearer","expires_in":"soon"}"#, "expires_in is not what it should be"),
  (
    #"{"access_token":"a","token_type":"Bearer","refresh_token":"a\u0000"}"#,
    "its refresh_token is no token"
  ),
])
func `what is no token is named, and not shown`(text: String, words: String) {
  #expect(answer(text) == .unusable(words))
}

@Test func `a token longer than any is refused`() {
  let long = String(repeating: "a", count: 16_385)
  #expect(
    answer(#"{"access_token":"\#(long)","token_type":"Bearer"}"#) == .unusable("its access_token is no token")
  )
}
