// Writes HTTP/1.1 responses (RFC 9112 section 4).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "http/head.hpp"

namespace heliograph::http {

// The phrase that RFC 9110 section 15 gives to a status that is used here; empty for others.
std::string_view reason_phrase(int status);

// Appends a status line, the fields and the blank line. False, and nothing appended, if a name is
// not a token or a value contains CR, LF or NUL: that is how a response would be split in two.
[[nodiscard]] bool append_head(Buffer& output, int status, std::span<const Field> fields);

// A response to HEAD announces the body and leaves it out.
enum class Body : std::uint8_t { kSent, kLeftOut };

// Appends a whole response: a head with `fields` and Content-Length, and the body.
[[nodiscard]] bool append_response(Buffer& output, int status, std::span<const Field> fields,
                                   std::string_view body, Body mode = Body::kSent);

}  // namespace heliograph::http
