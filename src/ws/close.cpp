#include "ws/close.hpp"

#include <algorithm>

#include "base/reader.hpp"
#include "ws/error.hpp"
#include "ws/utf8.hpp"

namespace heliograph::ws {

namespace {

bool is_inside_character(char byte) {
  return (static_cast<std::uint8_t>(byte) & 0xc0) == 0x80;
}

std::string_view shortened(std::string_view reason) {
  if (reason.size() <= kMaxCloseReason) return reason;
  std::size_t size = kMaxCloseReason;
  while (size > 0 && is_inside_character(reason[size])) --size;
  return reason.substr(0, size);
}

}  // namespace

Result<ClosePayload, Error> parse_close(Bytes payload) {
  if (payload.empty()) return ClosePayload{};
  // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
  if (payload.size() == 1) return fail(Error::kTruncatedCloseCode);
  Reader reader(payload);
  const std::uint16_t code = reader.u16();
  if (!is_wire_close_code(code)) return fail(Error::kInvalidCloseCode);
  if (!is_utf8(reader.rest())) return fail(Error::kInvalidCloseReason);
  // CloseCode names some of its values; those from 3000 to 4999 have no names.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  return ClosePayload{static_cast<CloseCode>(code), as_text(reader.rest())};
}

Bytes write_close(CloseCode code, std::string_view reason,
                  std::span<std::uint8_t, kMaxClosePayload> storage) {
  const auto number = static_cast<std::uint16_t>(code);
  if (!is_wire_close_code(number)) return {};
  const Bytes text = as_bytes(shortened(reason));
  storage[0] = static_cast<std::uint8_t>(number >> 8);
  storage[1] = static_cast<std::uint8_t>(number & 0xff);
  std::ranges::copy(text, storage.begin() + 2);
  return storage.first(2 + text.size());
}

}  // namespace heliograph::ws
