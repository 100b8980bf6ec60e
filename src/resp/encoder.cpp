#include "resp/encoder.hpp"

#include <cstring>

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

}  // namespace

std::size_t array_header_size(std::size_t count) {
  return 1 + digits(count) + kCrlf.size();
}

std::size_t bulk_size(std::string_view text) {
  return 1 + digits(text.size()) + kCrlf.size() + text.size() + kCrlf.size();
}

std::size_t encoded_size(Arguments arguments) {
  std::size_t size = array_header_size(arguments.size());
  for (const std::string_view argument : arguments) size += bulk_size(argument);
  return size;
}

void encode(Arguments arguments, Buffer& output) {
  Encoder encoder(encoded_size(arguments), output);
  encoder.array(arguments.size());
  for (const std::string_view argument : arguments) encoder.bulk(argument);
}

Encoder::Encoder(std::size_t size, Buffer& output) : at_(output.prepare(size).data()) {
  output.commit(size);
}

void Encoder::header(char type, std::size_t value) {
  *at_++ = static_cast<std::uint8_t>(type);
  const std::size_t count = digits(value);
  for (std::size_t i = count; i-- > 0; value /= 10) {
    at_[i] = static_cast<std::uint8_t>('0' + value % 10);
  }
  at_ += count;
  raw(kCrlf);
}

void Encoder::bulk(std::string_view text) {
  header('$', text.size());
  raw(text);
  raw(kCrlf);
}

void Encoder::raw(std::string_view text) {
  if (text.empty()) return;
  std::memcpy(at_, text.data(), text.size());
  at_ += text.size();
}

}  // namespace heliograph::resp
