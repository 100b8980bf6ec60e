#include "server/log_text.hpp"

#include "base/bytes.hpp"
#include "ws/utf8.hpp"

namespace heliograph::server {

namespace {

void escape(unsigned char byte, std::string& result) {
  constexpr std::string_view kDigits = "0123456789abcdef";
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
