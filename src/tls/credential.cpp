#include "tls/credential.hpp"

#include <algorithm>
#include <utility>

#include "base/buffer.hpp"
#include "tls/certificate.hpp"
#include "tls/compressed_certificate.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

std::vector<std::uint8_t> octets(const Buffer& buffer) {
  return {buffer.bytes().begin(), buffer.bytes().end()};
}

CertificateFlight make_flight(const crypto::CertificateChain& chain, Bytes ocsp_response) {
  CertificateFlight flight;
  Buffer message;
  write_certificate(chain.certificates(), ocsp_response, message);
  flight.certificate = octets(message);
  Buffer compressed;
  if (write_compressed_certificate(message.bytes().subspan(kHandshakeHeaderSize), compressed)) {
    flight.compressed = octets(compressed);
  }
  return flight;
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// `name` is in lower case.
bool equals(std::string_view name, std::string_view host) {
  return std::ranges::equal(name, host, {}, {}, lower);
}

// "*.example.com" covers "a.example.com", and neither "example.com" nor "b.a.example.com".
bool is_wildcard_for(std::string_view name, std::string_view host) {
  const std::size_t dot = host.find('.');
  return name.starts_with("*.") && dot != std::string_view::npos && dot > 0 &&
         equals(name.substr(1), host.substr(dot));
}

}  // namespace

bool Credential::covers_exactly(std::string_view host) const {
  return std::ranges::any_of(dns_names, [host](const auto& name) { return equals(name, host); });
}

bool Credential::covers(std::string_view host) const {
  return covers_exactly(host) || std::ranges::any_of(dns_names, [host](const auto& name) {
           return is_wildcard_for(name, host);
         });
}

std::optional<SignatureScheme> Credential::first_scheme_in(
    std::span<const SignatureScheme> offered) const {
  const auto scheme = std::ranges::find_first_of(schemes, offered);
  if (scheme == schemes.end()) return std::nullopt;
  return *scheme;
}

Bytes Credential::certificate_message(bool with_status, bool compressed) const {
  const CertificateFlight& flight = with_status && has_status() ? stapled : plain;
  return compressed && !flight.compressed.empty() ? flight.compressed : flight.certificate;
}

std::shared_ptr<const Credential> make_credential(crypto::KeyPair pair, Bytes ocsp_response) {
  CertificateFlight plain = make_flight(pair.chain, {});
  CertificateFlight stapled;
  if (!ocsp_response.empty()) stapled = make_flight(pair.chain, ocsp_response);
  const auto schemes = crypto::schemes_of(pair.key.type());
  return std::make_shared<const Credential>(Credential{.plain = std::move(plain),
                                                       .stapled = std::move(stapled),
                                                       .key = std::move(pair.key),
                                                       .schemes = {schemes.begin(), schemes.end()},
                                                       .dns_names = pair.chain.dns_names(),
                                                       .issuers = pair.chain.issuers()});
}

Result<std::shared_ptr<const Credential>, std::string> load_credential(Bytes certificate_pem,
                                                                       Bytes key_pem,
                                                                       std::string_view passphrase,
                                                                       Bytes ocsp_response) {
  auto pair = crypto::load_key_pair(certificate_pem, key_pem, passphrase);
  if (!pair) return std::unexpected(std::move(pair.error()));
  return make_credential(std::move(*pair), ocsp_response);
}

}  // namespace heliograph::tls
