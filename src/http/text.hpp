// The words that field values are made of (RFC 9110 section 5.6): tokens, comma lists, white space.
// Everything is ASCII; no function allocates.
#pragma once

#include <string_view>

namespace heliograph::http {

bool is_token_character(char character);
// One or more token characters.
bool is_token(std::string_view text);

// The tab may stand in a field value, no other control character may (RFC 9110 section 5.5).
constexpr bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return (byte < ' ' && byte != '\t') || byte == 0x7f;
}

// Without the spaces and tabs (OWS) at both ends.
std::string_view trimmed(std::string_view text);

// Letters A to Z and a to z are equal, all other bytes are compared as they are.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Takes the next member off the front of the comma list, trimmed. Members may be empty; an empty
// `list` has no further member.
std::string_view take_list_member(std::string_view& list);

// Whether the comma list has `token` as a member, in any case.
bool has_token(std::string_view list, std::string_view token);

}  // namespace heliograph::http
