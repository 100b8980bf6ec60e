#include "tls/code_points.hpp"

#include "base/reader.hpp"

namespace heliograph::tls {

bool CodePoints::contains(std::uint16_t value) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if ((*this)[i] == value) return true;
  }
  return false;
}

Result<CodePoints, Error> parse_code_points(Bytes data, std::size_t length_width) {
  Reader reader(data);
  const Bytes list = length_width == 1 ? reader.vector8() : reader.vector16();
  if (!reader.done() || list.empty() || list.size() % 2 != 0) {
    return fail(Error::kMalformedExtension);
  }
  return CodePoints(list);
}

void write_code_points(std::span<const std::uint16_t> values, std::size_t length_width,
                       Buffer& out) {
  const std::size_t size = 2 * values.size();
  if (length_width == 1) out.u8(static_cast<std::uint8_t>(size));
  if (length_width == 2) out.u16(static_cast<std::uint16_t>(size));
  for (const std::uint16_t value : values) out.u16(value);
}

}  // namespace heliograph::tls
