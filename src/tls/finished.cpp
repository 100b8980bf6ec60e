#include "tls/finished.hpp"

#include "crypto/compare.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {

void write_finished(Bytes verify_data, Buffer& out) {
  const HandshakeMessageWriter message(out, HandshakeType::kFinished);
  out.append(verify_data);
}

Result<FinishedVerified, Error> verify_finished(Bytes body, Bytes expected_verify_data) {
  if (body.size() != expected_verify_data.size()) return fail(Error::kMalformedFinished);
  if (!crypto::equal_in_constant_time(body, expected_verify_data)) {
    return fail(Error::kFinishedMismatch);
  }
  return FinishedVerified();
}

}  // namespace heliograph::tls
