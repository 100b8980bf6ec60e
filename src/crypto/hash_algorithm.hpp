// From our names of hash functions to libcrypto's fetched ones. Private to this room.
#pragma once

#include "crypto/algorithms.hpp"
#include "crypto/hash.hpp"

namespace heliograph::crypto {

inline const evp_md_st* fetched(HashAlgorithm algorithm) {
  const Algorithms& table = algorithms();
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return table.sha1.get();
    case HashAlgorithm::kSha256:
      return table.sha256.get();
    case HashAlgorithm::kSha384:
      return table.sha384.get();
  }
  return nullptr;
}

}  // namespace heliograph::crypto
