// HKDF (RFC 5869): one input key material to any number of independent keys.
#pragma once

#include "base/bytes.hpp"
#include "crypto/hash.hpp"
#include "crypto/hmac.hpp"
#include "crypto/secret.hpp"

namespace heliograph::crypto {

// HKDF-Extract (section 2.2): a pseudorandom key of digest_size(algorithm) bytes. An empty salt
// is the same as one of zeros.
Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_key_material);

// HKDF-Expand (section 2.3) from the pseudorandom key that `key` was made of. Fills `out`, which
// has at most 255 digests' bytes.
void hkdf_expand(const HmacKey& key, Bytes info, MutableBytes out);

}  // namespace heliograph::crypto
