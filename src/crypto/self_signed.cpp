#include "crypto/self_signed.hpp"

#include <array>
#include <ctime>
#include <memory>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.hpp"
#include "crypto/algorithms.hpp"
#include "crypto/handle.hpp"
#include "crypto/random.hpp"

namespace heliograph::crypto {
namespace {

constexpr long kX509Version3 = 2;
constexpr int kMaxDays = 3650;
constexpr std::size_t kMaxNameSize = 253;
constexpr std::size_t kSerialSize = 16;
constexpr std::int64_t kClockTolerance = 3600;
constexpr std::string_view kCommonName = "heliograph";

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using Names = std::unique_ptr<GENERAL_NAMES, FreeNames>;

struct FreeName {
  void operator()(GENERAL_NAME* name) const { GENERAL_NAME_free(name); }
};
using Name = std::unique_ptr<GENERAL_NAME, FreeName>;

bool is_dns_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*";
  return !name.empty() && name.size() <= kMaxNameSize &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

// An iPAddress if the text is that of one, else a dNSName if it can be, else nothing.
Name general_name(const std::string& text) {
  Name name(GENERAL_NAME_new());
  must(name != nullptr);
  if (ASN1_OCTET_STRING* address = a2i_IPADDRESS(text.c_str()); address != nullptr) {
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
    return name;
  }
  ERR_clear_error();
  if (!is_dns_name(text)) return nullptr;
  ASN1_IA5STRING* dns = ASN1_IA5STRING_new();
  must(dns != nullptr && ASN1_STRING_set(dns, text.data(), static_cast<int>(text.size())) == 1);
  GENERAL_NAME_set0_value(name.get(), GEN_DNS, dns);
  return name;
}

Result<Names, std::string> general_names(std::span<const std::string> texts) {
  Names names(GENERAL_NAMES_new());
  must(names != nullptr);
  for (const std::string& text : texts) {
    Name name = general_name(text);
    if (name == nullptr) return fail("'" + text + "' is neither a DNS name nor an IP address");
    must(sk_GENERAL_NAME_push(names.get(), name.release()) > 0);
  }
  return names;
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// RFC 5280 section 4.1.2.2: a positive number that no other certificate has.
void set_serial(X509* certificate) {
  std::array<std::uint8_t, kSerialSize> bytes = {};
  fill_random(bytes);
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);
  const Handle<BIGNUM> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  must(number != nullptr &&
       BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_validity(X509* certificate, std::int64_t now, int days) {
  std::time_t from = now - kClockTolerance;
  std::time_t start = now;
  must(X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &from) != nullptr &&
       X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, &start) != nullptr);
}

void set_names(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, as_bytes(kCommonName).data(),
                                  static_cast<int>(kCommonName.size()), -1, 0) == 1 &&
       X509_set_issuer_name(certificate, name) == 1);
}

Handle<EVP_PKEY> new_key() {
  Handle<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  must(key != nullptr);
  return key;
}

Handle<BIO> memory() {
  Handle<BIO> bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr);
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  const Handle<BIO> bio = memory();
  must(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

std::string to_pem(const EVP_PKEY* key) {
  const Handle<BIO> bio = memory();
  must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

}  // namespace

Result<SelfSigned, std::string> make_self_signed(std::span<const std::string> names,
                                                 std::int64_t now, int days) {
  if (names.empty()) return fail(std::string("a certificate needs at least one name"));
  if (days < 1 || days > kMaxDays) return fail(std::string("days must be 1 to 3650"));
  const auto alternative_names = general_names(names);
  if (!alternative_names) return fail(alternative_names.error());

  const Handle<EVP_PKEY> key = new_key();
  const Handle<X509> certificate(X509_new());
  must(certificate != nullptr && X509_set_version(certificate.get(), kX509Version3) == 1 &&
       X509_set_pubkey(certificate.get(), key.get()) == 1);
  set_serial(certificate.get());
  set_validity(certificate.get(), now, days);
  set_names(certificate.get());
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  must(X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, alternative_names->get(), 0,
                         X509V3_ADD_DEFAULT) == 1);
  must(X509_sign(certificate.get(), key.get(), algorithms().sha256.get()) > 0);
  return SelfSigned{to_pem(certificate.get()), to_pem(key.get())};
}

}  // namespace heliograph::crypto
