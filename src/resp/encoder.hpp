// Commands as RESP writes them: an array of bulk strings, never the inline form, so that an
// argument may hold any byte and cannot end the command.
#pragma once

#include <cstddef>
#include <cstdint>
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

// Bytes of "*count\r\n", and of a bulk string with its header.
std::size_t array_header_size(std::size_t count);
std::size_t bulk_size(std::string_view text);

// Writes into room that is made once: whoever uses it says first how much it will be.
class Encoder {
 public:
  Encoder(std::size_t size, Buffer& output);

  void array(std::size_t count) { header('*', count); }
  void bulk(std::string_view text);
  // What is encoded already.
  void raw(std::string_view text);

 private:
  void header(char type, std::size_t value);
  std::uint8_t* at_;
};

}  // namespace heliograph::resp
