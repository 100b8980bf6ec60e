#include "crypto/hmac.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "crypto/hash_algorithm.hpp"
#include "crypto/secret.hpp"

namespace heliograph::crypto {
namespace {

constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;
constexpr std::size_t kMaxBlockSize = 128;

constexpr std::size_t block_size(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha384 ? 128 : 64;
}

Handle<EVP_MD_CTX> hashed_pad(HashAlgorithm algorithm, MutableBytes block, std::uint8_t pad) {
  for (std::uint8_t& byte : block) byte ^= pad;
  Handle<EVP_MD_CTX> context(EVP_MD_CTX_new());
  must(context != nullptr && EVP_DigestInit_ex2(context.get(), fetched(algorithm), nullptr) == 1 &&
       EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1);
  for (std::uint8_t& byte : block) byte ^= pad;
  return context;
}

}  // namespace

HmacKey::HmacKey(HashAlgorithm algorithm, Bytes key) : algorithm_(algorithm) {
  std::array<std::uint8_t, kMaxBlockSize> storage = {};
  const MutableBytes block = MutableBytes(storage).first(block_size(algorithm));
  if (key.size() <= block.size()) {
    std::ranges::copy(key, block.begin());
  } else {
    std::ranges::copy(hash(algorithm, key).bytes(), block.begin());
  }
  inner_ = hashed_pad(algorithm, block, kInnerPad);
  outer_ = hashed_pad(algorithm, block, kOuterPad);
  cleanse(storage);
}

void HmacKey::mac(std::initializer_list<Bytes> pieces, MutableBytes out) const {
  const Handle<EVP_MD_CTX> context(EVP_MD_CTX_new());
  must(context != nullptr && EVP_MD_CTX_copy_ex(context.get(), inner_.get()) == 1);
  for (const Bytes piece : pieces) {
    must(EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1);
  }
  must(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1 &&
       EVP_MD_CTX_copy_ex(context.get(), outer_.get()) == 1 &&
       EVP_DigestUpdate(context.get(), out.data(), digest_size(algorithm_)) == 1 &&
       EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
}

Digest HmacKey::mac(std::initializer_list<Bytes> pieces) const {
  Digest digest{.size = digest_size(algorithm_)};
  mac(pieces, digest.mutable_bytes());
  return digest;
}

Digest hmac(HashAlgorithm algorithm, Bytes key, Bytes message) {
  return HmacKey(algorithm, key).mac(message);
}

}  // namespace heliograph::crypto
