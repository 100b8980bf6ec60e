#include "crypto/hash.hpp"

#include <openssl/evp.h>

#include "crypto/hash_algorithm.hpp"
#include "crypto/hash_context.hpp"

namespace heliograph::crypto {
namespace {

Handle<EVP_MD_CTX> copy_of(const EVP_MD_CTX* running) {
  Handle<EVP_MD_CTX> copy(EVP_MD_CTX_new());
  must(copy != nullptr && EVP_MD_CTX_copy_ex(copy.get(), running) == 1);
  return copy;
}

}  // namespace

Digest hash(HashAlgorithm algorithm, Bytes message) {
  Digest digest{.size = digest_size(algorithm)};
  HashContext context(algorithm);
  context.update(message);
  context.finish(digest.mutable_bytes());
  return digest;
}

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
  must(context_ != nullptr && EVP_DigestInit_ex2(context_.get(), fetched(algorithm), nullptr) == 1);
}

Hash::Hash(const Hash& other)
    : algorithm_(other.algorithm_), context_(copy_of(other.context_.get())) {}

Hash& Hash::operator=(const Hash& other) {
  if (this != &other) *this = Hash(other);
  return *this;
}

void Hash::update(Bytes bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Digest Hash::digest() const {
  const Handle<EVP_MD_CTX> snapshot = copy_of(context_.get());
  Digest digest{.size = digest_size(algorithm_)};
  must(EVP_DigestFinal_ex(snapshot.get(), digest.storage.data(), nullptr) == 1);
  return digest;
}

}  // namespace heliograph::crypto
