// The record layer's frame (RFC 9846 section 5.1): five bytes of header, then the payload.
//
//      struct {
//          ContentType type;                uint8
//          ProtocolVersion legacy_record_version;   ignored for all purposes
//          uint16 length;
//          opaque fragment[length];
//      } TLSPlaintext, TLSCiphertext;
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/spill.hpp"

namespace heliograph::tls {

enum class ContentType : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

inline constexpr std::size_t kRecordHeaderSize = 5;
inline constexpr std::size_t kMaxPlaintext = 1U << 14;
// 2^14 bytes of content, one byte of content type, up to 255 bytes of expansion.
inline constexpr std::size_t kMaxCiphertext = kMaxPlaintext + 256;

using RecordHeader = std::array<std::uint8_t, kRecordHeaderSize>;

// The header that this implementation writes: legacy_record_version is 0x0303.
constexpr RecordHeader record_header(ContentType type, std::size_t length) {
  return {static_cast<std::uint8_t>(type), 3, 3, static_cast<std::uint8_t>(length >> 8),
          static_cast<std::uint8_t>(length)};
}

// Views of the caller's input, or of the spill, as received.
struct Record {
  ContentType type;
  Bytes header;  // the additional data, if the record is protected
  MutableBytes payload;
};

// Cuts the input into records.
class RecordReader {
 public:
  // The next record, or nothing when the input is used up. A record that declares more than
  // `max_payload` bytes, or kMaxCiphertext for application data, is refused by its header. The
  // record is valid until the next call.
  Result<std::optional<Record>, Error> next(MutableBytes& input, std::size_t max_payload);
  // Bytes of a record that is not complete.
  [[nodiscard]] std::size_t held() const { return spill_.size(); }

 private:
  Spill spill_;
  bool started_ = false;
};

}  // namespace heliograph::tls
