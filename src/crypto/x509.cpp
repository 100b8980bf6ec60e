#include "crypto/x509.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/algorithms.hpp"
#include "crypto/host_name.hpp"
#include "crypto/pem.hpp"

namespace heliograph::crypto {
namespace {

Der name_der(const X509_NAME* name) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  must(X509_NAME_get0_der(name, &der, &size) == 1);
  return {der, der + size};
}

std::string name_text(const X509_NAME* name) {
  const Handle<BIO> out(BIO_new(BIO_s_mem()));
  must(out != nullptr);
  // This form escapes control characters and what is not ASCII.
  const bool printed = X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) >= 0;
  ERR_clear_error();
  if (!printed) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Bytes bytes_of(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// "www.example.org\0.attacker.example" was read as its first half by whoever took it for C's text
// (CVE-2009-2408); other control characters would spoil a log.
void add_visible(std::vector<std::string>& names, const ASN1_STRING* name) {
  const std::string_view text = as_text(bytes_of(name));
  const bool visible =
      std::ranges::all_of(text, [](char character) { return character > ' ' && character < 0x7f; });
  if (visible && !text.empty()) names.emplace_back(text);
}

}  // namespace

Handle<X509> parse_certificate(Bytes der) {
  const unsigned char* at = der.data();
  Handle<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  // DER, not BER: a parser may take more than it would write, but peers may not.
  const bool whole = certificate != nullptr && at == der.data() + der.size() &&
                     equal(to_der(certificate.get()), der);
  ERR_clear_error();
  if (!whole) certificate.reset();
  return certificate;
}

Der to_der(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size < 0) return {};
  Der bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Result<std::vector<Der>, std::string> certificate_blocks(Bytes pem) {
  std::vector<Der> certificates;
  PemReader reader(pem);
  while (true) {
    auto block = reader.next();
    if (!block) return fail(block.error());
    if (!*block) return certificates;
    const PemBlock& found = **block;
    if (found.label == "CERTIFICATE")
      certificates.emplace_back(found.data.begin(), found.data.end());
  }
}

Der subject_of(const X509* certificate) {
  return name_der(X509_get_subject_name(certificate));
}

Der issuer_of(const X509* certificate) {
  return name_der(X509_get_issuer_name(certificate));
}

Identity identity_of(const X509* certificate) {
  Identity identity;
  identity.subject = name_text(X509_get_subject_name(certificate));
  const Handle<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  ERR_clear_error();
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    switch (name->type) {
      case GEN_DNS:
        add_visible(identity.dns_names, name->d.dNSName);
        break;
      case GEN_EMAIL:
        add_visible(identity.email_addresses, name->d.rfc822Name);
        break;
      case GEN_URI:
        add_visible(identity.uris, name->d.uniformResourceIdentifier);
        break;
      case GEN_IPADD:
        if (std::string text = ip_to_text(bytes_of(name->d.iPAddress)); !text.empty()) {
          identity.ip_addresses.push_back(std::move(text));
        }
        break;
      default:
        break;
    }
  }
  return identity;
}

}  // namespace heliograph::crypto
