#include "tests/bogo/endpoint.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "crypto/certificate.hpp"
#include "tests/bogo/outcome.hpp"
#include "tls/certificate.hpp"

namespace heliograph::bogo {
namespace {

// No client can offer it: "Empty strings MUST NOT be included" (RFC 7301 section 3.1).
constexpr const char* kProtocolOfNobody = "";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure{"cannot read " + path};
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<tls::SignatureScheme> schemes_for(const CredentialSettings& settings,
                                              crypto::KeyType key) {
  const auto all = crypto::schemes_of(key);
  if (settings.signing_prefs.empty()) return {all.begin(), all.end()};
  std::vector<tls::SignatureScheme> preferred;
  for (const std::uint16_t value : settings.signing_prefs) {
    const auto scheme = static_cast<tls::SignatureScheme>(value);
    if (crypto::fits(key, scheme)) preferred.push_back(scheme);
  }
  return preferred;
}

std::shared_ptr<const tls::Credential> load(const CredentialSettings& settings) {
  const std::string chain = read_file(settings.cert_file);
  const std::string key = read_file(settings.key_file);
  auto pair = crypto::load_key_pair(as_bytes(chain), as_bytes(key));
  if (!pair) throw Unimplemented{"a credential: " + pair.error()};
  Buffer message;
  tls::write_certificate(pair->chain.certificates(), message);
  auto schemes = schemes_for(settings, pair->key.type());
  return std::make_shared<const tls::Credential>(tls::Credential{
      {message.bytes().begin(), message.bytes().end()}, std::move(pair->key), std::move(schemes)});
}

std::vector<std::string> application_protocols(const Settings& settings) {
  if (settings.reject_alpn) return {kProtocolOfNobody};
  if (settings.select_alpn && !settings.decline_alpn) return {*settings.select_alpn};
  return {};
}

std::shared_ptr<const tls::ServerConfig> server_config(const Settings& settings) {
  auto config = std::make_shared<tls::ServerConfig>();
  for (const CredentialSettings& credential : settings.credentials) {
    config->credentials.push_back(load(credential));
  }
  if (!settings.default_credential.cert_file.empty()) {
    config->credentials.push_back(load(settings.default_credential));
  }
  config->application_protocols = application_protocols(settings);
  if (!settings.curves.empty()) {
    config->groups.clear();
    for (const std::uint16_t curve : settings.curves) {
      config->groups.push_back(static_cast<tls::NamedGroup>(curve));
    }
  }
  return config;
}

}  // namespace

std::unique_ptr<Connection> make_connection(const Settings& settings) {
  return std::make_unique<tls::ServerConnection>(server_config(settings));
}

}  // namespace heliograph::bogo
