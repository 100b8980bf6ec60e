#include "signal/name.hpp"

#include <simdjson.h>

namespace heliograph::signal {
namespace {

bool has_control_character(std::string_view name) {
  unsigned char before = 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return true;
    // U+0080 to U+009F are C2 80 to C2 9F.
    if (before == 0xc2 && byte < 0xa0) return true;
    before = byte;
  }
  return false;
}

}  // namespace

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameSize && !has_control_character(name) &&
         simdjson::validate_utf8(name);
}

bool may_log_in(std::string_view name, const Settings& settings) {
  const std::string_view reserved = settings.reserved_prefix;
  return is_name(name) && (reserved.empty() || !name.starts_with(reserved));
}

}  // namespace heliograph::signal
