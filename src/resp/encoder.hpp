// Commands as RESP writes them: an array of bulk strings, never the inline form, so that an
// argument may hold any byte and cannot end the command.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/buffer.hpp"

namespace heliograph::resp {

using Arguments = std::span<const std::string_view>;

// Bytes that encode() will append.
std::size_t encoded_size(Arguments arguments);

void encode(Arguments arguments, Buffer& output);

inline void encode(std::initializer_list<std::string_view> arguments, Buffer& output) {
  encode(Arguments(arguments.begin(), arguments.size()), output);
}

}  // namespace heliograph::resp
