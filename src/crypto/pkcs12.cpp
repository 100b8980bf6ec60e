#include "crypto/pkcs12.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/error_queue.hpp"
#include "crypto/pem.hpp"
#include "crypto/secret_bytes.hpp"
#include "crypto/x509.hpp"

namespace heliograph::crypto {
namespace {

// A wrong path such as a film is refused before it is parsed.
constexpr std::size_t kMaxSize = PemReader::kMaxSize;
// How often the passphrase is hashed is up to the file: with 2^31 times, the start takes minutes.
constexpr std::int64_t kMaxIterations = 2'000'000;

struct Content {
  Handle<EVP_PKEY> key;
  Handle<X509> leaf;
  Handle<STACK_OF(X509)> others;
};

std::unexpected<std::string> refused(const char* sentence) {
  ERR_clear_error();
  return fail(std::string(sentence));
}

std::int64_t iterations_of(const PKCS12* file) {
  const ASN1_INTEGER* count = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, file);
  std::int64_t iterations = 1;
  if (count != nullptr && ASN1_INTEGER_get_int64(&iterations, count) != 1) return -1;
  return iterations;
}

Result<Handle<PKCS12>, std::string> parse(Bytes file) {
  if (file.size() > kMaxSize) return refused("the file is too large: 1 MiB at most");
  const unsigned char* at = file.data();
  Handle<PKCS12> parsed(d2i_PKCS12(nullptr, &at, static_cast<long>(file.size())));
  if (parsed == nullptr || at != file.data() + file.size()) {
    return refused(
        "the file is not PKCS#12, or is damaged: make it again with 'openssl pkcs12 -export'");
  }
  // Whatever follows is done by what the file says, so that must be what its maker wrote.
  if (PKCS12_mac_present(parsed.get()) != 1) {
    return refused(
        "the file has no checksum by passphrase: make it again with 'openssl pkcs12 -export'");
  }
  const std::int64_t iterations = iterations_of(parsed.get());
  if (iterations < 1 || iterations > kMaxIterations) {
    return refused(
        "the file does not hash its passphrase 1 to 2,000,000 times: make it again with "
        "'openssl pkcs12 -export'");
  }
  return parsed;
}

bool passphrase_is_wrong() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PKCS12 &&
         ERR_GET_REASON(error) == PKCS12_R_MAC_VERIFY_FAILURE;
}

Result<Content, std::string> unlock_with(PKCS12* file, const char* passphrase) {
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  ERR_clear_error();
  if (PKCS12_parse(file, passphrase, &key, &leaf, &others) == 1) {
    ERR_clear_error();
    return Content{Handle<EVP_PKEY>(key), Handle<X509>(leaf), Handle<STACK_OF(X509)>(others)};
  }
  const bool wrong = passphrase_is_wrong();
  if (algorithm_is_missing()) {
    return refused(
        "the file is encrypted in an outdated or unknown way: make it again with 'openssl pkcs12 "
        "-export', without -legacy");
  }
  if (!wrong) {
    return refused("the file is damaged: make it again with 'openssl pkcs12 -export'");
  }
  if (*passphrase == '\0') return refused("the file is encrypted: give its passphrase");
  return refused("the passphrase is wrong, or the file is damaged");
}

Result<Content, std::string> unlock(PKCS12* file, std::string_view passphrase) {
  // libcrypto would take the part before a zero byte.
  if (passphrase.find('\0') != std::string_view::npos) {
    return refused("the passphrase has a zero byte: give it as text");
  }
  SecretBytes terminated(passphrase.begin(), passphrase.end());
  terminated.push_back('\0');
  return unlock_with(file, reinterpret_cast<const char*>(terminated.data()));
}

X509* issuer_among(STACK_OF(X509) * certificates, X509* subject) {
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    X509* candidate = sk_X509_value(certificates, i);
    if (X509_check_issued(candidate, subject) == X509_V_OK) return candidate;
  }
  return nullptr;
}

// From the leaf up, as far as the file's certificates lead.
std::vector<Der> in_order(const Content& content) {
  std::vector<X509*> chain;
  for (X509* at = content.leaf.get(); at != nullptr && std::ranges::find(chain, at) == chain.end();
       at = issuer_among(content.others.get(), at)) {
    chain.push_back(at);
  }
  ERR_clear_error();
  std::vector<Der> certificates;
  certificates.reserve(chain.size());
  for (const X509* certificate : chain) certificates.push_back(to_der(certificate));
  return certificates;
}

}  // namespace

Result<KeyPair, std::string> load_pkcs12(Bytes file, std::string_view passphrase) {
  auto parsed = parse(file);
  if (!parsed) return fail(parsed.error());
  auto content = unlock(parsed->get(), passphrase);
  if (!content) return fail(content.error());
  if (content->key == nullptr) {
    return refused(
        "the file has no private key: export it again together with the key of its certificate");
  }
  if (content->leaf == nullptr) {
    return refused(
        "the file has no certificate that belongs to its private key: export it again with that "
        "certificate");
  }
  auto chain = CertificateChain::from_der(in_order(*content));
  if (!chain) return fail(chain.error());
  auto key = PrivateKey::adopt(std::move(content->key));
  if (!key) return fail(key.error());
  return KeyPair{std::move(*chain), std::move(*key)};
}

}  // namespace heliograph::crypto
