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

// Whether the name is a token and the value has no control character but the tab. With CR or LF in
// a value a head would be split in two.
bool is_writable(const Field& field);

// Appends a status line, the fields and the blank line. False, and nothing appended, if a field is
// not writable.
[[nodiscard]] bool append_head(Buffer& output, int status, std::span<const Field> fields);

// A response to HEAD announces the body and leaves it out.
enum class Body : std::uint8_t { kSent, kLeftOut };

// Appends a whole response: a head with `fields` and Content-Length, and the body.
[[nodiscard]] bool append_response(Buffer& output, int status, std::span<const Field> fields,
                                   std::string_view body, Body mode = Body::kSent);

}  // namespace heliograph::http
