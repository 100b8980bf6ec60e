#include "tls/key_update.hpp"

namespace heliograph::tls {

KeyUpdateMessage encode_key_update(KeyUpdateRequest request) {
  return {static_cast<std::uint8_t>(HandshakeType::kKeyUpdate), 0, 0, kKeyUpdateBodySize,
          static_cast<std::uint8_t>(request)};
}

Result<KeyUpdateRequest, Error> parse_key_update(Bytes body) {
  if (body.size() != kKeyUpdateBodySize) return fail(Error::kMalformedKeyUpdate);
  if (body[0] > static_cast<std::uint8_t>(KeyUpdateRequest::kUpdateRequested)) {
    return fail(Error::kBadKeyUpdateRequest);
  }
  return static_cast<KeyUpdateRequest>(body[0]);
}

}  // namespace heliograph::tls
