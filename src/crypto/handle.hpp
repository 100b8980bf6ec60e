// Owning handles for libcrypto objects. The types are only declared here, so that no header of
// libcrypto reaches another room.
#pragma once

#include <memory>

// NOLINTBEGIN(readability-identifier-naming): these are libcrypto's own names.
struct bignum_st;
struct bio_st;
struct ec_group_st;
struct ec_point_st;
struct evp_cipher_ctx_st;
struct evp_cipher_st;
struct evp_kdf_ctx_st;
struct evp_kdf_st;
struct evp_md_ctx_st;
struct evp_md_st;
struct evp_pkey_ctx_st;
struct evp_pkey_st;
struct PKCS12_st;
struct pkcs8_priv_key_info_st;
struct stack_st_GENERAL_NAME;
struct stack_st_X509;
struct x509_st;
struct x509_store_ctx_st;
struct x509_store_st;
struct X509_sig_st;
// NOLINTEND(readability-identifier-naming)

namespace heliograph::crypto {

struct Free {
  void operator()(bignum_st* object) const noexcept;
  void operator()(bio_st* object) const noexcept;
  void operator()(ec_group_st* object) const noexcept;
  void operator()(ec_point_st* object) const noexcept;
  void operator()(evp_cipher_ctx_st* object) const noexcept;
  void operator()(evp_cipher_st* object) const noexcept;
  void operator()(evp_kdf_ctx_st* object) const noexcept;
  void operator()(evp_kdf_st* object) const noexcept;
  void operator()(evp_md_ctx_st* object) const noexcept;
  void operator()(evp_md_st* object) const noexcept;
  void operator()(evp_pkey_ctx_st* object) const noexcept;
  void operator()(evp_pkey_st* object) const noexcept;
  void operator()(PKCS12_st* object) const noexcept;
  void operator()(pkcs8_priv_key_info_st* object) const noexcept;
  // The stacks with what they hold.
  void operator()(stack_st_GENERAL_NAME* object) const noexcept;
  void operator()(stack_st_X509* object) const noexcept;
  void operator()(x509_st* object) const noexcept;
  void operator()(x509_store_ctx_st* object) const noexcept;
  void operator()(x509_store_st* object) const noexcept;
  void operator()(X509_sig_st* object) const noexcept;
};

template <class T>
using Handle = std::unique_ptr<T, Free>;

}  // namespace heliograph::crypto
