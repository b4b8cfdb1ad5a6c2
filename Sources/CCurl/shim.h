#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

/* Its checks of types are macros over compilers' builtins, which see nothing through the functions below. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* The library's variadic functions, one for each kind of value. */

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_error_buffer(CURL *easy, char *buffer) {
  return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}

typedef size_t (*ccurl_taker)(char *bytes, size_t size, size_t count, void *data);

static inline void ccurl_set_body_taker(CURL *easy, ccurl_taker taker, void *data) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, taker);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, data);
}

static inline void ccurl_set_line_taker(CURL *easy, ccurl_taker taker, void *data) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, taker);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, data);
}

static inline long ccurl_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t ccurl_offset(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline const char *ccurl_text(CURL *easy, CURLINFO info) {
  const char *value = NULL;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}

/* A line of what is known of the peer's own certificate, such as "Expire date:..."; NULL after the last. */
static inline const char *ccurl_certificate_line(CURL *easy, int at) {
  struct curl_certinfo *certificates = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &certificates) != CURLE_OK || !certificates) return NULL;
  if (certificates->num_of_certs < 1) return NULL;
  struct curl_slist *line = certificates->certinfo[0];
  while (line && at-- > 0) line = line->next;
  return line ? line->data : NULL;
}

static inline void ccurl_multi_set_socket_follower(CURLM *multi, curl_socket_callback follower, void *data) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, follower);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, data);
}

static inline void ccurl_multi_set_timer_follower(CURLM *multi, curl_multi_timer_callback follower, void *data) {
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, follower);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, data);
}

static inline void ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  curl_multi_setopt(multi, option, value);
}

/* The next transfer that has come to its end, and how; NULL when there is none. */
static inline CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result) {
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)))
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  return NULL;
}

#endif
