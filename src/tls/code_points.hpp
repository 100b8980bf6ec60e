// Lists of 16-bit code points: cipher suites, groups, signature schemes, versions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// A list as it lies in the message.
class CodePoints {
 public:
  CodePoints() = default;
  explicit CodePoints(Bytes encoded) : encoded_(encoded) {}

  [[nodiscard]] std::size_t size() const { return encoded_.size() / 2; }
  [[nodiscard]] std::uint16_t operator[](std::size_t index) const {
    return static_cast<std::uint16_t>(encoded_[2 * index] << 8 | encoded_[2 * index + 1]);
  }
  [[nodiscard]] bool contains(std::uint16_t value) const;

 private:
  Bytes encoded_;
};

// A list that is not empty, behind a length field of `length_width` bytes (1 or 2), and nothing
// else.
Result<CodePoints, Error> parse_code_points(Bytes data, std::size_t length_width);

// Appends the list with its length field.
void write_code_points(std::span<const std::uint16_t> values, std::size_t length_width,
                       Buffer& out);

}  // namespace heliograph::tls
