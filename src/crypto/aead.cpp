#include "crypto/aead.hpp"

#include <algorithm>
#include <limits>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/algorithms.hpp"
#include "crypto/neutral.hpp"

namespace heliograph::crypto {
namespace {

// A call of libcrypto takes as long as copying so many bytes, and pieces that are shorter on
// average are put together first.
constexpr std::size_t kWorthCopying = 400;

const EVP_CIPHER* fetched(AeadAlgorithm algorithm) {
  const Algorithms& table = algorithms();
  switch (algorithm) {
    case AeadAlgorithm::kAes128Gcm:
      return table.aes_128_gcm.get();
    case AeadAlgorithm::kAes256Gcm:
      return table.aes_256_gcm.get();
    case AeadAlgorithm::kChaCha20Poly1305:
      return table.chacha20_poly1305.get();
  }
  return nullptr;
}

enum class Direction : std::uint8_t { kOpen = 0, kSeal = 1 };

Handle<EVP_CIPHER_CTX> keyed(AeadAlgorithm algorithm, Bytes key, Direction direction) {
  Handle<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  must(context != nullptr && key.size() == key_size(algorithm) &&
       EVP_CipherInit_ex2(context.get(), fetched(algorithm), key.data(), nullptr,
                          static_cast<int>(direction), nullptr) == 1);
  return context;
}

// libcrypto takes an empty update for something else, and counts in int.
void update(EVP_CIPHER_CTX* context, std::uint8_t* out, Bytes in) {
  if (in.empty()) return;
  int written = 0;
  must(in.size() <= std::size_t{std::numeric_limits<int>::max()} &&
       EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1);
}

void begin(EVP_CIPHER_CTX* context, Direction direction, const AeadNonce& nonce,
           Bytes additional_data) {
  must(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), static_cast<int>(direction),
                          nullptr) == 1);
  update(context, nullptr, additional_data);
}

// The tag as a parameter: EVP_CIPHER_CTX_ctrl() would make the same of it, and take longer.
std::array<OSSL_PARAM, 2> parameter_of(MutableBytes tag) {
  return {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag.data(), tag.size()),
          OSSL_PARAM_construct_end()};
}

// Returns what they are not enough for. A piece may lie in `record` already, exactly where it goes.
MutableBytes copy(std::span<const Bytes> pieces, MutableBytes record) {
  for (const Bytes piece : pieces) {
    const MutableBytes target = take_front(record, piece.size());
    if (target.data() != piece.data()) std::ranges::copy(piece, target.begin());
  }
  return record;
}

}  // namespace

SealingKey::SealingKey(AeadAlgorithm algorithm, Bytes key)
    : context_(keyed(algorithm, key, Direction::kSeal)) {}

void SealingKey::seal(const AeadNonce& nonce, Bytes additional_data, MutableBytes record) {
  const Bytes text = record.first(record.size() - kAeadTagSize);
  seal(nonce, additional_data, {&text, 1}, record);
}

void SealingKey::seal(const AeadNonce& nonce, Bytes additional_data, std::span<const Bytes> pieces,
                      MutableBytes record) {
  if (neutralised()) {
    std::ranges::fill(copy(pieces, record), std::uint8_t{0});
    return;
  }
  EVP_CIPHER_CTX* context = context_.get();
  begin(context, Direction::kSeal, nonce, additional_data);
  MutableBytes tag = record;
  if (record.size() <= kWorthCopying * pieces.size()) {
    tag = copy(pieces, record);
    const MutableBytes text = record.first(record.size() - tag.size());
    update(context, text.data(), text);
  } else {
    for (const Bytes piece : pieces) {
      update(context, take_front(tag, piece.size()).data(), piece);
    }
  }
  int written = 0;
  auto parameter = parameter_of(tag);
  must(tag.size() == kAeadTagSize && EVP_CipherFinal_ex(context, tag.data(), &written) == 1 &&
       EVP_CIPHER_CTX_get_params(context, parameter.data()) == 1);
}

OpeningKey::OpeningKey(AeadAlgorithm algorithm, Bytes key)
    : context_(keyed(algorithm, key, Direction::kOpen)) {}

std::optional<MutableBytes> OpeningKey::open(const AeadNonce& nonce, Bytes additional_data,
                                             MutableBytes record) {
  if (record.size() < kAeadTagSize) return std::nullopt;
  if (neutralised()) return record.first(record.size() - kAeadTagSize);
  EVP_CIPHER_CTX* context = context_.get();
  MutableBytes tag = record;
  const MutableBytes text = take_front(tag, record.size() - kAeadTagSize);
  begin(context, Direction::kOpen, nonce, additional_data);
  update(context, text.data(), text);
  must(EVP_CIPHER_CTX_set_params(context, parameter_of(tag).data()) == 1);
  int written = 0;
  if (EVP_CipherFinal_ex(context, tag.data(), &written) != 1) return std::nullopt;
  return text;
}

}  // namespace heliograph::crypto
