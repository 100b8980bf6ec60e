// Reads the members of one JSON object (RFC 8259) without changing a byte of their values.
//
// The whole text is validated; the values are slices of it, so that numbers of any precision,
// escapes, lone surrogates, member order and white space survive whatever is done with them.
#pragma once

#include <span>

#include "base/bytes.hpp"
#include "signal/json_grammar.hpp"

namespace heliograph::signal {

// Fills in the values. False, and no value, if `text` is not one JSON object in UTF-8.
[[nodiscard]] bool read_json_object(Bytes text, std::span<JsonMember> members);

}  // namespace heliograph::signal
