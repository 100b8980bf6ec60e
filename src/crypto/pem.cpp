#include "crypto/pem.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/algorithms.hpp"

namespace heliograph::crypto {

PemReader::PemReader(Bytes text) {
  if (text.size() > kMaxSize) return;
  // libcrypto refuses a null pointer, even for nothing.
  const void* data = text.empty() ? "" : static_cast<const void*>(text.data());
  source_.reset(BIO_new_mem_buf(data, static_cast<int>(text.size())));
  must(source_ != nullptr);
}

Result<std::optional<PemBlock>, std::string> PemReader::next() {
  if (source_ == nullptr) return fail(std::string("the file is too large: 1 MiB at most"));
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  ERR_clear_error();
  if (PEM_read_bio(source_.get(), &label, &header, &data, &size) != 1) {
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (at_end) return std::nullopt;
    return fail(std::string("a PEM block is damaged: copy the file again"));
  }
  PemBlock block;
  block.label = label;
  block.header = header;
  block.data.assign(data, data + size);
  OPENSSL_free(label);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  return block;
}

}  // namespace heliograph::crypto
