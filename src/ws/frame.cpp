#include "ws/frame.hpp"

#include <cstring>

#include "base/reader.hpp"

namespace heliograph::ws {

namespace {

constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kRsv1Bit = 0x40;
constexpr std::uint8_t kOpcodeBits = 0x0f;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLengthBits = 0x7f;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::uint64_t kMax16 = 0xffff;
constexpr std::uint64_t kTopBit = 1ULL << 63;

std::optional<Opcode> find_opcode(int value) {
  for (const Opcode opcode : {Opcode::kContinuation, Opcode::kText, Opcode::kBinary, Opcode::kClose,
                              Opcode::kPing, Opcode::kPong}) {
    if (static_cast<int>(opcode) == value) return opcode;
  }
  return std::nullopt;
}

// RFC 7692 section 6: with permessage-deflate RSV1 may be set "on the first frame of a message",
// which is not a control frame.
bool reserved_bits_fit(std::uint8_t byte, const FrameContext& context) {
  const int bits = byte & kReservedBits;
  if (bits == 0) return true;
  const int opcode = byte & kOpcodeBits;
  const bool begins_message =
      opcode == static_cast<int>(Opcode::kText) || opcode == static_cast<int>(Opcode::kBinary);
  return bits == kRsv1Bit && context.deflate && begins_message;
}

// FIN, RSV1-3 and the opcode, which is the result.
Result<Opcode, Error> parse_first_byte(std::uint8_t byte, const FrameContext& context) {
  if (!reserved_bits_fit(byte, context)) return fail(Error::kReservedBit);
  const bool in_message = context.in_message;
  const auto opcode = find_opcode(byte & kOpcodeBits);
  if (!opcode) return fail(Error::kReservedOpcode);
  const bool final = (byte & kFinBit) != 0;
  if (is_control(*opcode)) {
    if (!final) return fail(Error::kFragmentedControlFrame);
    return *opcode;
  }
  const bool continues = opcode == Opcode::kContinuation;
  if (continues && !in_message) return fail(Error::kUnexpectedContinuation);
  if (!continues && in_message) return fail(Error::kExpectedContinuation);
  return *opcode;
}

// MASK and the seven bits of the length.
std::optional<Error> check_second_byte(std::uint8_t byte, Opcode opcode, Role role) {
  const bool masked = (byte & kMaskBit) != 0;
  if (role == Role::kServer && !masked) return Error::kMissingMask;
  if (role == Role::kClient && masked) return Error::kForbiddenMask;
  if (is_control(opcode) && (byte & kLengthBits) > kMaxControlPayload) {
    return Error::kControlFrameTooLong;
  }
  return std::nullopt;
}

// "the minimal number of bytes MUST be used to encode the length", and "the most significant bit
// MUST be 0" in the 64-bit form.
std::optional<Error> check_extended_length(std::uint64_t length, std::size_t width) {
  if (width == 2 && length < kLength16) return Error::kLengthNotMinimal;
  if (width == 8 && length <= kMax16) return Error::kLengthNotMinimal;
  if (width == 8 && (length & kTopBit) != 0) return Error::kLengthOutOfRange;
  return std::nullopt;
}

std::size_t extended_width(std::uint8_t short_length) {
  if (short_length == kLength16) return 2;
  return short_length == kLength64 ? 8 : 0;
}

}  // namespace

Result<std::optional<FrameHead>, Error> parse_frame_head(Bytes input, const FrameContext& context) {
  if (input.empty()) return std::nullopt;
  Reader reader(input);
  const std::uint8_t first = reader.u8();
  const auto opcode = parse_first_byte(first, context);
  if (!opcode) return fail(opcode.error());

  if (reader.empty()) return std::nullopt;
  const std::uint8_t second = reader.u8();
  if (const auto error = check_second_byte(second, *opcode, context.role)) return fail(*error);
  const auto short_length = static_cast<std::uint8_t>(second & kLengthBits);
  std::uint64_t length = short_length;

  if (const std::size_t width = extended_width(short_length); width > 0) {
    if (reader.rest().size() < width) return std::nullopt;
    length = width == 2 ? reader.u16() : reader.u64();
    if (const auto error = check_extended_length(length, width)) return fail(*error);
  }
  MaskKey mask{};
  if (context.role == Role::kServer) {
    if (reader.rest().size() < mask.size()) return std::nullopt;
    std::memcpy(mask.data(), reader.bytes(mask.size()).data(), mask.size());
  }
  return FrameHead{.opcode = *opcode,
                   .final = (first & kFinBit) != 0,
                   .compressed = (first & kRsv1Bit) != 0,
                   .length = length,
                   .mask = mask,
                   .size = input.size() - reader.rest().size()};
}

FrameHeader make_frame_header(Opcode opcode, FrameFlags flags, std::uint64_t length,
                              const std::optional<MaskKey>& mask) {
  FrameHeader header;
  const auto put = [&](std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) {
      header.bytes[header.size++] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  const std::uint8_t mask_bit = mask ? kMaskBit : 0;
  put((flags.final ? kFinBit : 0U) | (flags.compressed ? kRsv1Bit : 0U) |
          static_cast<std::uint8_t>(opcode),
      1);
  if (length < kLength16) {
    put(mask_bit | length, 1);
  } else if (length <= kMax16) {
    put(mask_bit | kLength16, 1);
    put(length, 2);
  } else {
    put(mask_bit | kLength64, 1);
    put(length, 8);
  }
  if (mask) {
    for (const std::uint8_t byte : *mask) put(byte, 1);
  }
  return header;
}

}  // namespace heliograph::ws
