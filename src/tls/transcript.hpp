// The transcript hash (RFC 9846 section 4.1): a running hash over the handshake messages, headers
// included, record headers not.
#pragma once

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace heliograph::tls {

class Transcript {
 public:
  explicit Transcript(crypto::HashAlgorithm hash) : running_(hash) {}

  void add(Bytes encoded_message) { running_.update(encoded_message); }
  // Over everything added so far; more may be added.
  [[nodiscard]] crypto::Digest hash() const { return running_.digest(); }
  // When a HelloRetryRequest is sent: the first ClientHello, which must be all that was added,
  // gives its place to a synthetic message that carries its hash.
  void replace_by_message_hash();

 private:
  crypto::Hash running_;
};

}  // namespace heliograph::tls
