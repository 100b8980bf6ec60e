#include "crypto/secret.hpp"

#include <algorithm>

#include <openssl/crypto.h>

namespace heliograph::crypto {

void cleanse(MutableBytes bytes) {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

Secret::Secret(Bytes bytes) : size_(bytes.size()) {
  std::ranges::copy(bytes, storage_.begin());
}

Secret::Secret(Secret&& other) noexcept : storage_(other.storage_), size_(other.size_) {
  other.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    storage_ = other.storage_;
    size_ = other.size_;
    other.clear();
  }
  return *this;
}

void Secret::clear() {
  cleanse(storage_);
  size_ = 0;
}

}  // namespace heliograph::crypto
