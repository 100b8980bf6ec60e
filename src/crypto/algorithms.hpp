// The one process-wide table of libcrypto algorithms: fetched once, immutable afterwards, because
// a fetch by name costs more than most of the operations it precedes. Private to this room.
#pragma once

#include "crypto/handle.hpp"

namespace heliograph::crypto {

struct Algorithms {
  Algorithms();

  Handle<evp_md_st> sha1;
  Handle<evp_md_st> sha256;
  Handle<evp_md_st> sha384;
  Handle<evp_md_st> sha512;
  Handle<evp_cipher_st> aes_128_gcm;
  Handle<evp_cipher_st> aes_256_gcm;
  Handle<evp_cipher_st> chacha20_poly1305;
  Handle<evp_kdf_st> scrypt;
  Handle<evp_kdf_st> pbkdf2;
  Handle<ec_group_st> p256;
  Handle<ec_group_st> p384;
  // Any X25519 key: generating from it spares the search for the algorithm.
  Handle<evp_pkey_st> x25519_template;
};

// Fetches everything on the first call, which belongs in the program's start. Throws
// std::runtime_error, naming the algorithm, if libcrypto lacks one.
const Algorithms& algorithms();

// For calls that fail only when memory is exhausted or libcrypto is broken: ends the process,
// because going on would mean unencrypted bytes or predictable secrets.
void must(bool succeeded) noexcept;

}  // namespace heliograph::crypto
