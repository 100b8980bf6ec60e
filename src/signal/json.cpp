#include "signal/json.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <simdjson.h>

#include "signal/json_grammar.hpp"
#include "signal/json_string.hpp"

namespace heliograph::signal {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(simdjson::SIMDJSON_PADDING <= kReadableTail);

// A value that On-Demand hands out, as it stands in the text. The text is known to be JSON, so
// nothing here can fail.
std::string_view verbatim(ondemand::value& value) {
  std::string_view text = value.raw_json_token();
  ondemand::object object;
  ondemand::array array;
  if (text.starts_with('{') && value.get_object().get(object) == simdjson::SUCCESS) {
    std::ignore = object.raw_json().get(text);
  } else if (text.starts_with('[') && value.get_array().get(array) == simdjson::SUCCESS) {
    std::ignore = array.raw_json().get(text);
  }
  return text.substr(0, text.find_last_not_of(" \t\n\r") + 1);
}

// `key` points behind the opening quote of a string in `text`.
bool key_is(std::string_view text, const char* key, std::string_view name) {
  const std::string_view rest = text.substr(static_cast<std::size_t>(key - text.data()) - 1);
  const std::string_view quoted = rest.substr(0, json_string_size(rest));
  return has_escapes(quoted) ? decode_json_string(quoted) == name : unquote(quoted) == name;
}

}  // namespace

struct JsonReader::Parser {
  ondemand::parser parser;
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;

// On-Demand finds the members fast, and checks the encoding of the whole text; but it does not
// validate what it skips, and its numbers have an end. So the grammar has its own check.
bool JsonReader::read(Bytes text, std::span<JsonMember> members) {
  for (JsonMember& member : members) member.value = {};
  const std::string_view json = as_text(text);
  if (!is_json(json)) return false;

  ondemand::document document;
  ondemand::object object;
  const simdjson::padded_string_view padded(json, json.size() + kReadableTail);
  if (parser_->parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto result : object) {
    ondemand::field field;
    if (std::move(result).get(field) != simdjson::SUCCESS) return false;
    const char* const key = field.key().raw();
    const auto is_wanted = [&](const JsonMember& member) { return key_is(json, key, member.name); };
    const auto member = std::ranges::find_if(members, is_wanted);
    if (member != members.end()) member->value = verbatim(field.value());
  }
  return true;
}

}  // namespace heliograph::signal
