#include "crypto/hash_context.hpp"

#include <array>

#include <openssl/evp.h>

#include "crypto/hash_algorithm.hpp"

namespace heliograph::crypto {
namespace {

EVP_MD_CTX* context_of_thread(HashAlgorithm algorithm) {
  thread_local std::array<Handle<EVP_MD_CTX>, kHashAlgorithms> contexts;
  Handle<EVP_MD_CTX>& context = contexts.at(static_cast<std::size_t>(algorithm));
  if (context == nullptr) {
    context.reset(EVP_MD_CTX_new());
    must(context != nullptr && EVP_DigestInit_ex2(context.get(), fetched(algorithm), nullptr) == 1);
  }
  return context.get();
}

}  // namespace

HashContext::HashContext(HashAlgorithm algorithm)
    : algorithm_(algorithm), context_(context_of_thread(algorithm)) {}

void HashContext::update(Bytes bytes) {
  must(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
}

void HashContext::finish(MutableBytes out) {
  must(EVP_DigestFinal_ex(context_, out.data(), nullptr) == 1);
  if (algorithm_ != HashAlgorithm::kSha384) {
    must(EVP_DigestInit_ex2(context_, nullptr, nullptr) == 1);
  } else {
    // Initialising SHA-384 again alone would leave the last block of the message where it is.
    must(EVP_MD_CTX_reset(context_) == 1 &&
         EVP_DigestInit_ex2(context_, fetched(algorithm_), nullptr) == 1);
  }
}

}  // namespace heliograph::crypto
