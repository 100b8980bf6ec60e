#include "signal/json.hpp"

#include <simdjson.h>

namespace heliograph::signal {
namespace {

// The text is JSON: an object, if that is how it begins.
bool is_object(std::string_view json) {
  return json[json.find_first_not_of(" \t\n\r")] == '{';
}

}  // namespace

bool read_json_object(Bytes text, std::span<JsonMember> members) {
  for (JsonMember& member : members) member.value = {};
  const std::string_view json = as_text(text);
  if (is_json(json, members) && is_object(json) && simdjson::validate_utf8(json)) return true;
  for (JsonMember& member : members) member.value = {};
  return false;
}

}  // namespace heliograph::signal
