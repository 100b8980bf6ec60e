#include "resp/encoder.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace heliograph::resp {

namespace {

constexpr std::string_view kCrlf = "\r\n";

std::size_t digits(std::size_t value) {
  std::size_t count = 1;
  while (value >= 10) {
    value /= 10;
    ++count;
  }
  return count;
}

void append_header(char type, std::size_t value, Buffer& output) {
  std::array<char, 24> text{type};
  const auto [end, error] = std::to_chars(text.data() + 1, text.data() + text.size(), value);
  output.append(std::string_view(text.data(), end));
  output.append(kCrlf);
}

}  // namespace

std::size_t encoded_size(Arguments arguments) {
  std::size_t size = 1 + digits(arguments.size()) + kCrlf.size();
  for (const std::string_view argument : arguments) {
    size += 1 + digits(argument.size()) + kCrlf.size() + argument.size() + kCrlf.size();
  }
  return size;
}

void encode(Arguments arguments, Buffer& output) {
  append_header('*', arguments.size(), output);
  for (const std::string_view argument : arguments) {
    append_header('$', argument.size(), output);
    output.append(argument);
    output.append(kCrlf);
  }
}

}  // namespace heliograph::resp
