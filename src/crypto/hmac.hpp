// HMAC (RFC 2104).
#pragma once

#include <initializer_list>

#include "base/bytes.hpp"
#include "crypto/handle.hpp"
#include "crypto/hash.hpp"

namespace heliograph::crypto {

// A key whose two pads are hashed once: each use copies the two states instead of hashing the key
// again. Immutable, so threads may share one.
class HmacKey {
 public:
  HmacKey(HashAlgorithm algorithm, Bytes key);

  [[nodiscard]] HashAlgorithm algorithm() const { return algorithm_; }
  // The MAC of the pieces, one behind the other.
  [[nodiscard]] Digest mac(std::initializer_list<Bytes> pieces) const;
  [[nodiscard]] Digest mac(Bytes message) const { return mac({message}); }
  // Writes digest_size(algorithm()) bytes to `out`, for results that are secret.
  void mac(std::initializer_list<Bytes> pieces, MutableBytes out) const;

 private:
  HashAlgorithm algorithm_;
  Handle<evp_md_ctx_st> inner_;
  Handle<evp_md_ctx_st> outer_;
};

Digest hmac(HashAlgorithm algorithm, Bytes key, Bytes message);

}  // namespace heliograph::crypto
