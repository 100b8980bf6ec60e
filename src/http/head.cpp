#include "http/head.hpp"

#include <algorithm>
#include <optional>

#include "http/text.hpp"

namespace heliograph::http {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

// Takes the next line off the front of `text`, without its CR LF, which is known to be there.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find(kLineEnd);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + kLineEnd.size());
  return line;
}

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

// HTTP-version = %s"HTTP" "/" DIGIT "." DIGIT. Yields the minor version.
Result<int, Error> parse_version(std::string_view text) {
  constexpr std::string_view kPrefix = "HTTP/";
  const bool well_formed = text.size() == kPrefix.size() + 3 && text.starts_with(kPrefix) &&
                           is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
  if (!well_formed) return fail(Error::kMalformedVersion);
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return fail(Error::kUnsupportedVersion);
}

bool is_visible_ascii(char character) {
  return character > ' ' && character < 0x7f;
}

// uri-host [ ":" port ] has neither white space nor the characters that would end an authority.
bool is_host_character(char character) {
  return is_visible_ascii(character) && !std::string_view("/?#@,\\\"<>").contains(character);
}

// What follows "scheme://" of an absolute-form; nothing for the other forms.
std::optional<std::string_view> after_scheme(std::string_view target) {
  constexpr std::string_view kSeparator = "://";
  for (const std::string_view scheme : {"http", "https", "ws", "wss"}) {
    const std::string_view start = target.substr(0, scheme.size());
    const std::string_view rest = target.substr(start.size());
    if (equal_ignoring_case(start, scheme) && rest.starts_with(kSeparator)) {
      return rest.substr(kSeparator.size());
    }
  }
  return std::nullopt;
}

// The part of an absolute-form between "//" and the path.
std::string_view authority_of(std::string_view after_scheme_text) {
  return after_scheme_text.substr(0, after_scheme_text.find_first_of("/?"));
}

// The authority-form has no meaning but to CONNECT, which an endpoint that is no proxy refuses.
bool is_target(std::string_view method, std::string_view target) {
  if (!std::ranges::all_of(target, is_visible_ascii)) return false;
  if (target.starts_with('/')) return true;
  if (target == "*") return method == "OPTIONS";
  const auto rest = after_scheme(target);
  return rest && !authority_of(*rest).empty();
}

Result<RequestHead, Error> parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return fail(Error::kMalformedRequestLine);
  RequestHead head;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_token(head.method)) return fail(Error::kMalformedMethod);
  const Result<int, Error> version = parse_version(line.substr(last + 1));
  if (!version) return fail(version.error());
  if (!is_target(head.method, head.target)) return fail(Error::kMalformedTarget);
  head.minor_version = *version;
  return head;
}

// status-line = HTTP-version SP status-code SP [ reason-phrase ]
Result<ResponseHead, Error> parse_status_line(std::string_view line) {
  constexpr std::size_t kVersionSize = 8;
  constexpr std::size_t kReasonAt = kVersionSize + 5;
  const Result<int, Error> version = parse_version(line.substr(0, line.find(' ')));
  if (!version) return fail(version.error());
  const bool well_formed = line.size() >= kReasonAt && line[kReasonAt - 1] == ' ' &&
                           std::ranges::all_of(line.substr(kVersionSize + 1, 3), is_digit);
  if (!well_formed) return fail(Error::kMalformedStatusLine);
  const int status = (line[kVersionSize + 1] - '0') * 100 + (line[kVersionSize + 2] - '0') * 10 +
                     (line[kVersionSize + 3] - '0');
  if (status < 100 || status > 599) return fail(Error::kMalformedStatusLine);
  return ResponseHead{*version, status, line.substr(kReasonAt), {}};
}

// field-line = field-name ":" OWS field-value OWS
Result<Field, Error> parse_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return fail(Error::kMissingColon);
  const std::string_view name = line.substr(0, colon);
  // "A server MUST reject, with a response status code of 400 (Bad Request), any received request
  // message that contains whitespace between a header field name and colon."
  if (name.ends_with(' ') || name.ends_with('\t')) return fail(Error::kSpaceBeforeColon);
  if (!is_token(name)) return fail(Error::kMalformedFieldName);
  return Field{name, trimmed(line.substr(colon + 1))};
}

// "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that
// lacks a Host header field and to any request message that contains more than one Host header
// field line or a Host header field with an invalid field value." (RFC 9112 section 3.2)
std::optional<Error> check_host(const RequestHead& request) {
  const std::size_t count = request.fields.count("Host");
  if (count > 1) return Error::kRepeatedHost;
  if (count == 0) {
    return request.minor_version == 1 ? std::optional(Error::kMissingHost) : std::nullopt;
  }
  return std::ranges::all_of(request.fields.value("Host"), is_host_character)
             ? std::nullopt
             : std::optional(Error::kMalformedHost);
}

// "If a message is received without Transfer-Encoding and with an invalid Content-Length header
// field, then the message framing is invalid and the recipient MUST treat it as an unrecoverable
// error" (RFC 9112 section 6.3). With both, or a Transfer-Encoding in HTTP/1.0, two recipients can
// see two different requests (section 6.1): refused.
std::optional<Error> check_body(const RequestHead& request) {
  const Field* const length = request.fields.find("Content-Length");
  if (request.fields.find("Transfer-Encoding") != nullptr &&
      (length != nullptr || request.minor_version == 0)) {
    return Error::kAmbiguousBody;
  }
  if (length == nullptr) return std::nullopt;
  const bool one_number = request.fields.count("Content-Length") == 1 && !length->value.empty() &&
                          std::ranges::all_of(length->value, is_digit);
  return one_number ? std::nullopt : std::optional(Error::kMalformedContentLength);
}

// Everything between the start line and the blank line.
Result<Fields, Error> parse_fields(std::string_view text, std::vector<Field>& storage) {
  storage.clear();
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    if (storage.size() == kMaxFields) return fail(Error::kTooManyFields);
    const Result<Field, Error> field = parse_field_line(line);
    if (!field) return fail(field.error());
    storage.push_back(*field);
  }
  return Fields(storage);
}

}  // namespace

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : all_) {
    if (equal_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      all_, [&](const Field& field) { return equal_ignoring_case(field.name, name); }));
}

std::string_view Fields::value(std::string_view name) const {
  const Field* const field = find(name);
  return field == nullptr ? std::string_view{} : field->value;
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
  return std::ranges::any_of(all_, [&](const Field& field) {
    return equal_ignoring_case(field.name, name) && http::has_token(field.value, token);
  });
}

std::string Fields::joined(std::string_view name) const {
  std::string list;
  const char* separator = "";
  for (const Field& field : all_) {
    if (!equal_ignoring_case(field.name, name)) continue;
    list.append(separator).append(field.value);
    separator = ", ";
  }
  return list;
}

std::string_view RequestHead::path() const {
  std::string_view path = target;
  if (const auto rest = after_scheme(target)) path = rest->substr(authority_of(*rest).size());
  path = path.substr(0, path.find('?'));
  return path.empty() ? "/" : path;
}

std::string_view RequestHead::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

std::string_view RequestHead::authority() const {
  if (const auto rest = after_scheme(target)) return authority_of(*rest);
  return fields.value("Host");
}

Result<RequestHead, Error> parse_request_head(Bytes head, std::vector<Field>& storage) {
  std::string_view text = as_text(head);
  Result<RequestHead, Error> request = parse_request_line(take_line(text));
  if (!request) return request;
  const Result<Fields, Error> fields = parse_fields(text, storage);
  if (!fields) return fail(fields.error());
  request->fields = *fields;
  if (const auto error = check_host(*request)) return fail(*error);
  if (const auto error = check_body(*request)) return fail(*error);
  return request;
}

Result<ResponseHead, Error> parse_response_head(Bytes head, std::vector<Field>& storage) {
  std::string_view text = as_text(head);
  Result<ResponseHead, Error> response = parse_status_line(take_line(text));
  if (!response) return response;
  const Result<Fields, Error> fields = parse_fields(text, storage);
  if (!fields) return fail(fields.error());
  response->fields = *fields;
  return response;
}

}  // namespace heliograph::http
