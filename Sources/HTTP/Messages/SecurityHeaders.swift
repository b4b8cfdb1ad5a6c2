extension Headers {
  /// What every answer tells browsers unless it says otherwise: to believe its type, to load nothing, to put it in
  /// no frame, and to tell no other site where they came from.
  package static let security: Headers = [
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
  ]
}
