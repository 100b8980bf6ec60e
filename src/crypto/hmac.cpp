#include "crypto/hmac.hpp"

#include <algorithm>

#include "crypto/hash_context.hpp"

namespace heliograph::crypto {
namespace {

constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

constexpr std::size_t block_size(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha384 ? 128 : 64;
}

void exclusive_or(MutableBytes bytes, std::uint8_t pad) {
  for (std::uint8_t& byte : bytes) byte ^= pad;
}

}  // namespace

HmacKey::HmacKey(HashAlgorithm algorithm, Bytes key)
    : algorithm_(algorithm), inner_pad_(block_size(algorithm)) {
  const MutableBytes block = inner_pad_.mutable_bytes();
  if (key.size() <= block.size()) {
    std::ranges::copy(key, block.begin());
  } else {
    std::ranges::copy(hash(algorithm, key).bytes(), block.begin());
  }
  exclusive_or(block, kInnerPad);
}

// H(K XOR opad, H(K XOR ipad, text))
void HmacKey::mac(std::initializer_list<Bytes> pieces, MutableBytes out) const {
  HashContext context(algorithm_);
  context.update(inner_pad_.bytes());
  for (const Bytes piece : pieces) context.update(piece);
  context.finish(out);
  auto outer_pad = inner_pad_.copy();
  exclusive_or(outer_pad.mutable_bytes(), kInnerPad ^ kOuterPad);
  context.update(outer_pad.bytes());
  context.update(out.first(digest_size(algorithm_)));
  context.finish(out);
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
