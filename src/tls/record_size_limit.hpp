// The record_size_limit extension (RFC 8449): the longest TLSInnerPlaintext that its sender wants
// to receive.
#pragma once

#include <cstdint>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/reader.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/extensions.hpp"

namespace heliograph::tls {

inline constexpr std::uint16_t kMinRecordSizeLimit = 64;

inline void write_record_size_limit(std::uint16_t limit, Buffer& out) {
  const ExtensionWriter extension(out, ExtensionType::kRecordSizeLimit);
  out.u16(limit);
}

// "Endpoints MUST NOT send a "record_size_limit" extension with a value smaller than 64." A value
// above what the protocol allows means no limit beyond the protocol's.
inline Result<std::uint16_t, Error> parse_record_size_limit(Bytes data) {
  Reader reader(data);
  const std::uint16_t limit = reader.u16();
  if (!reader.done()) return fail(Error::kMalformedExtension);
  if (limit < kMinRecordSizeLimit) return fail(Error::kBadRecordSizeLimit);
  return limit;
}

}  // namespace heliograph::tls
