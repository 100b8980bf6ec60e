// Reads the members of one JSON object (RFC 8259) without changing a byte of their values.
//
// The whole text is validated (json_grammar.hpp); the values are slices of it, so that numbers of
// any precision, escapes, lone surrogates, member order and white space survive whatever is done
// with them.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"

namespace heliograph::signal {

struct JsonMember {
  std::string_view name;
  // Verbatim, without white space around it; empty if there is no such member. Of several the last
  // one counts.
  std::string_view value;
};

class JsonReader {
 public:
  JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  ~JsonReader();

  // Fills in the values. False, and no value, if `text` is not one JSON object in UTF-8.
  // kReadableTail bytes behind `text` must be readable; they have no influence.
  [[nodiscard]] bool read(Bytes text, std::span<JsonMember> members);

 private:
  struct Parser;

  std::unique_ptr<Parser> parser_;
};

}  // namespace heliograph::signal
