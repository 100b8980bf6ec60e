// Finished (RFC 9846 section 4.5.3): an HMAC over the transcript, under a key from the sender's
// handshake traffic secret.
//
//      struct {
//          opaque verify_data[Hash.length];
//      } Finished;
#pragma once

#include <cstddef>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"

namespace heliograph::tls {

// SHA-384's size: no hash of TLS 1.3 is longer.
inline constexpr std::size_t kMaxFinished = 48;

// Appends the whole handshake message.
void write_finished(Bytes verify_data, Buffer& out);

// The proof that a peer's Finished was verified. Only verify_finished() makes one, and without one
// no handshake completes.
class FinishedVerified {
 private:
  FinishedVerified() = default;
  friend Result<FinishedVerified, Error> verify_finished(Bytes body, Bytes expected_verify_data);
};

// Compares in constant time.
Result<FinishedVerified, Error> verify_finished(Bytes body, Bytes expected_verify_data);

}  // namespace heliograph::tls
