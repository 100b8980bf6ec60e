// The head of an HTTP/1.1 message (RFC 9112 sections 2 to 5): start line and fields, as views into
// the bytes that were parsed. Both directions of the grammar's strict reading are here: whatever
// two implementations could read differently is refused.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/error.hpp"

namespace heliograph::http {

// Bounds the memory that a peer can make us keep before it has shown who it is.
inline constexpr std::size_t kMaxHeadSize = 8192;
// Bounds the searches by name, each of which is linear in the number of fields.
inline constexpr std::size_t kMaxFields = 64;

// `value` is without the white space around it, and may be empty. It has no control character but
// the tab; bytes from 0x80 on are passed through as they are.
struct Field {
  std::string_view name;
  std::string_view value;
};

// The fields of a head, in the order of their arrival. Names are compared without regard to case.
class Fields {
 public:
  Fields() = default;
  explicit Fields(std::span<const Field> all) : all_(all) {}

  [[nodiscard]] std::span<const Field> all() const { return all_; }
  // The first field of that name, or nullptr.
  [[nodiscard]] const Field* find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  // The value of the first field of that name; empty if there is none.
  [[nodiscard]] std::string_view value(std::string_view name) const;
  // Whether any field of that name is a comma list with `token` in it, in any case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
  // The values of all fields of that name as the one comma list that they are (RFC 9110 section
  // 5.3).
  [[nodiscard]] std::string joined(std::string_view name) const;

 private:
  std::span<const Field> all_;
};

struct RequestHead {
  std::string_view method;  // any token, case-sensitive
  std::string_view target;  // origin-form, absolute-form, or "*" with OPTIONS
  int minor_version = 1;    // HTTP/1.0 or HTTP/1.1
  // Host exactly once; with HTTP/1.0 at most once. A Content-Length is one number, and not beside a
  // Transfer-Encoding.
  Fields fields;

  // The target's path without the query: "/" if an absolute-form has none, "*" for OPTIONS.
  [[nodiscard]] std::string_view path() const;
  // What follows the first '?' of the target.
  [[nodiscard]] std::string_view query() const;
  // host[:port] of an absolute-form, which overrides Host (RFC 9112 section 3.2.2), else of Host.
  [[nodiscard]] std::string_view authority() const;
};

struct ResponseHead {
  int minor_version = 1;
  int status = 0;  // 100 to 599
  std::string_view reason;
  Fields fields;
};

// Parse a whole head, from its first byte to the end of its blank line, in which HeadScanner has
// seen no error. `storage` receives the fields, and must live as long as the result is used.
Result<RequestHead, Error> parse_request_head(Bytes head, std::vector<Field>& storage);
Result<ResponseHead, Error> parse_response_head(Bytes head, std::vector<Field>& storage);

}  // namespace heliograph::http
