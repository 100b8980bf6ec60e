// The calling thread's context for a hash function, which is made once: a new one for each hash and
// HMAC of a handshake, some thirty, costs as much as the hashing. Private to this room.
#pragma once

#include "base/bytes.hpp"
#include "crypto/handle.hpp"
#include "crypto/hash.hpp"

namespace heliograph::crypto {

// On loan: between two calls of finish() the thread hashes nothing else with this function.
class HashContext {
 public:
  explicit HashContext(HashAlgorithm algorithm);

  void update(Bytes bytes);
  // Writes the digest. The context is as new: nothing of what was hashed is left in it.
  void finish(MutableBytes out);

 private:
  HashAlgorithm algorithm_;
  evp_md_ctx_st* context_;
};

}  // namespace heliograph::crypto
