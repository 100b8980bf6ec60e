#include "app/client_tls.hpp"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "app/exit_status.hpp"
#include "app/files.hpp"

namespace heliograph::app {

crypto::SecretBytes secret_option(const std::string& file, const char* variable, const char* what) {
  if (!file.empty()) {
    crypto::SecretBytes content = read_secret_file(file, what);
    content.resize(first_line(as_text(content)).size());
    return content;
  }
  const char* const value = std::getenv(variable);
  const std::string_view text = value == nullptr ? "" : value;
  return {text.begin(), text.end()};
}

crypto::TrustStore load_trusted(const std::string& file) {
  auto trusted = file.empty()
                     ? crypto::TrustStore::system()
                     : crypto::TrustStore::from_pem(as_bytes(read_file(file, "CA certificate")));
  if (trusted) return std::move(*trusted);
  const std::string what = file.empty() ? "the system's authorities" : "'" + file + "'";
  throw Failure(EX_CONFIG, "cannot use " + what + ": " + trusted.error());
}

std::shared_ptr<const tls::Credential> load_client_credential(
    const std::string& certificate_file, const std::string& key_file,
    const crypto::SecretBytes& passphrase) {
  const std::string certificate = read_file(certificate_file, "certificate");
  const crypto::SecretBytes key = read_secret_file(key_file, "key");
  auto credential = tls::load_credential(as_bytes(certificate), key, as_text(passphrase));
  if (credential) return std::move(*credential);
  throw Failure(EX_CONFIG, "cannot use '" + certificate_file + "' with '" + key_file +
                               "': " + credential.error());
}

}  // namespace heliograph::app
