#include "signal/json_string.hpp"

#include <cstdint>

#include "base/reader.hpp"

namespace heliograph::signal {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_high_surrogate(std::uint32_t unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

bool is_low_surrogate(std::uint32_t unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

void append_byte(std::string& out, std::uint32_t byte) {
  out.push_back(static_cast<char>(byte));
}

void append_continuation(std::string& out, std::uint32_t bits) {
  append_byte(out, 0x80U | (bits & 0x3fU));
}

void append_code_point(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x80) return append_byte(out, code_point);
  if (code_point < 0x800) {
    append_byte(out, 0xc0U | code_point >> 6U);
    return append_continuation(out, code_point);
  }
  if (code_point < 0x10000) {
    append_byte(out, 0xe0U | code_point >> 12U);
  } else {
    append_byte(out, 0xf0U | code_point >> 18U);
    append_continuation(out, code_point >> 12U);
  }
  append_continuation(out, code_point >> 6U);
  append_continuation(out, code_point);
}

std::uint32_t hex_value(char digit) {
  const auto lower = static_cast<char>(digit | 0x20);
  return static_cast<std::uint32_t>(kHexDigits.find(digit <= '9' ? digit : lower));
}

// The four digits of a \u escape, of which `text` holds at least those.
std::uint32_t code_unit(std::string_view text) {
  std::uint32_t unit = 0;
  for (const char digit : text.substr(0, 4)) unit = unit << 4U | hex_value(digit);
  return unit;
}

// Decodes the \u escape, or pair of them, whose digits are at the front of `text`; returns how much
// of `text` that was.
std::size_t append_unicode_escape(std::string& out, std::string_view text) {
  const std::uint32_t unit = code_unit(text);
  if (is_high_surrogate(unit) && text.substr(4).starts_with("\\u")) {
    const std::uint32_t next = code_unit(text.substr(6));
    if (is_low_surrogate(next)) {
      append_code_point(out, 0x10000U + ((unit - 0xd800U) << 10U) + (next - 0xdc00U));
      return 10;
    }
  }
  append_code_point(out, unit);
  return 4;
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

// What follows the backslash in the short escape of `c`; 0 if it has none.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

void append_unit_escape(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out.push_back(kHexDigits[unit >> static_cast<unsigned>(shift) & 0xfU]);
  }
}

// The surrogate whose three bytes are at the front of `text`; 0 if there is none. No other
// character starts with ED A0 to ED BF.
std::uint32_t surrogate_at(std::string_view text) {
  if (!text.starts_with('\xed')) return 0;
  Reader reader(as_bytes(text));
  const std::uint32_t bytes = reader.u24();
  if (!reader.ok() || (bytes & 0xffe0c0U) != 0xeda080U) return 0;
  return 0xd000U | (bytes >> 2U & 0xfc0U) | (bytes & 0x3fU);
}

}  // namespace

bool has_escapes(std::string_view quoted) {
  return quoted.find('\\') != std::string_view::npos;
}

std::string_view unquote(std::string_view quoted) {
  return quoted.substr(1, quoted.size() - 2);
}

std::string decode_json_string(std::string_view quoted) {
  std::string_view rest = unquote(quoted);
  std::string text;
  text.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t plain = rest.find('\\');
    text.append(rest.substr(0, plain));
    if (plain == std::string_view::npos) break;
    const char letter = rest[plain + 1];
    rest.remove_prefix(plain + 2);
    if (letter == 'u') {
      rest.remove_prefix(append_unicode_escape(text, rest));
    } else {
      text.push_back(simple_escape(letter));
    }
  }
  return text;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (const char letter = short_escape(c); letter != 0) {
      out.push_back('\\');
      out.push_back(letter);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      append_unit_escape(out, static_cast<unsigned char>(c));
    } else if (const std::uint32_t surrogate = surrogate_at(text.substr(at)); surrogate != 0) {
      append_unit_escape(out, surrogate);
      at += 2;
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

bool has_lone_surrogate(std::string_view text) {
  for (std::size_t at = text.find('\xed'); at != std::string_view::npos;
       at = text.find('\xed', at + 1)) {
    if (surrogate_at(text.substr(at)) != 0) return true;
  }
  return false;
}

}  // namespace heliograph::signal
