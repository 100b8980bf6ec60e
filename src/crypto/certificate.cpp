#include "crypto/certificate.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/x509.hpp"

namespace heliograph::crypto {
namespace {

// A whole trust store, given by mistake, would be sent to every client.
constexpr std::size_t kMaxCertificates = 16;

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  });
  return text;
}

std::vector<std::string> lower_case_dns_names(const X509* certificate) {
  std::vector<std::string> names = identity_of(certificate).dns_names;
  std::ranges::transform(names, names.begin(), lower_case);
  return names;
}

std::optional<std::int64_t> seconds(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  const auto day = std::chrono::sys_days(
      std::chrono::year_month_day(std::chrono::year(parts.tm_year + 1900),
                                  std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                  std::chrono::day(static_cast<unsigned>(parts.tm_mday))));
  const auto time_of_day = std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
                           std::chrono::seconds(parts.tm_sec);
  return std::chrono::seconds(day.time_since_epoch() + time_of_day).count();
}

}  // namespace

CertificateChain::CertificateChain(std::vector<std::vector<std::uint8_t>> certificates,
                                   PublicKey leaf_key)
    : certificates_(std::move(certificates)), leaf_key_(std::move(leaf_key)) {}

Result<CertificateChain, std::string> CertificateChain::from_pem(Bytes pem) {
  auto certificates = certificate_blocks(pem);
  if (!certificates) return fail(certificates.error());
  if (certificates->empty()) {
    return fail(std::string("the file has no CERTIFICATE block: a chain in PEM form is needed"));
  }
  return from_der(std::move(*certificates));
}

Result<CertificateChain, std::string> CertificateChain::from_der(std::vector<Der> certificates) {
  if (certificates.size() > kMaxCertificates) {
    return fail(
        std::string("the file has more than 16 certificates: give only the server's and its "
                    "issuers'"));
  }
  std::vector<Der> issuers;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const Handle<X509> certificate = parse_certificate(certificates[i]);
    if (certificate == nullptr) {
      return fail("certificate " + std::to_string(i + 1) +
                  " of the file is damaged, or not in DER");
    }
    issuers.push_back(issuer_of(certificate.get()));
  }
  const Handle<X509> leaf = parse_certificate(certificates.front());
  Handle<EVP_PKEY> key(X509_get_pubkey(leaf.get()));
  const auto not_before = seconds(X509_get0_notBefore(leaf.get()));
  const auto not_after = seconds(X509_get0_notAfter(leaf.get()));
  ERR_clear_error();
  if (key == nullptr) return fail(std::string("the certificate's public key is not supported"));
  if (!not_before || !not_after) {
    return fail(std::string("the certificate's validity is not a time"));
  }
  auto leaf_key = PublicKey::adopt(std::move(key));
  if (!leaf_key) return fail("the certificate cannot be used: " + leaf_key.error());

  CertificateChain chain(std::move(certificates), std::move(*leaf_key));
  chain.issuers_ = std::move(issuers);
  chain.dns_names_ = lower_case_dns_names(leaf.get());
  chain.not_before_ = *not_before;
  chain.not_after_ = *not_after;
  return chain;
}

bool CertificateChain::matches(const PrivateKey& key) const {
  return leaf_key_ == key.public_key();
}

Result<KeyPair, std::string> load_key_pair(Bytes chain_pem, Bytes key_pem,
                                           std::string_view passphrase) {
  auto chain = CertificateChain::from_pem(chain_pem);
  if (!chain) return fail(chain.error());
  auto key = PrivateKey::from_pem(key_pem, passphrase);
  if (!key) return fail(key.error());
  if (!chain->matches(*key)) {
    return fail(std::string(
        "the private key does not belong to the certificate: the server's own must come first"));
  }
  return KeyPair{std::move(*chain), std::move(*key)};
}

}  // namespace heliograph::crypto
