#include "server/log_text.hpp"

#include "base/bytes.hpp"
#include "ws/utf8.hpp"

namespace heliograph::server {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void escape(unsigned char byte, std::string& result) {
  result += "\\x";
  result += kDigits[byte >> 4];
  result += kDigits[byte & 15];
}

bool is_printable_ascii(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7f;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      result += '\\';
      result += character;
    } else if (is_printable_ascii(byte)) {
      result += character;
    } else {
      escape(byte, result);
    }
  }
  return result + '"';
}

std::string json_quoted(std::string_view text) {
  constexpr std::string_view kReplacement = "\\ufffd";
  const bool utf8 = ws::is_utf8(as_bytes(text));
  std::string result = "\"";
  const auto escape_as = [&result](unsigned code) {
    result += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) result += kDigits[code >> shift & 15];
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto at = [&](std::size_t ahead) {
      return static_cast<unsigned char>(i + ahead < text.size() ? text[i + ahead] : 0);
    };
    const unsigned char byte = at(0);
    if (byte == '"' || byte == '\\') {
      result += '\\';
      result += text[i];
    } else if (byte < 0x80 && !is_printable_ascii(byte)) {
      escape_as(byte);
    } else if (byte >= 0x80 && !utf8) {
      result += kReplacement;
    } else if (byte == 0xc2 && at(1) < 0xa0) {  // U+0080 to U+009F
      escape_as(at(1));
      ++i;
    } else if (byte == 0xe2 && at(1) == 0x80 && (at(2) & 0xfeU) == 0xa8) {  // U+2028 and U+2029
      escape_as(0x2000U + at(2) - 0x80U);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result + '"';
}

std::string printable(std::string_view text) {
  const bool utf8 = ws::is_utf8(as_bytes(text));
  std::string result;
  unsigned char last = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    // U+0080 to U+009F are C2 80 to C2 9F.
    const bool c1 = (byte == 0xc2 && next < 0xa0) || (last == 0xc2 && byte < 0xa0);
    if (is_printable_ascii(byte) || (utf8 && byte >= 0x80 && !c1)) {
      result += text[i];
    } else {
      escape(byte, result);
    }
    last = byte;
  }
  return result;
}

}  // namespace heliograph::server
