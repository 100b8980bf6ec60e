#include "app/redis_settings.hpp"

#include <memory>
#include <utility>

#include "app/client_tls.hpp"
#include "app/exit_status.hpp"
#include "tls/peer.hpp"
#include "tls/server_name.hpp"

namespace heliograph::app {

namespace {

// Longer than any password, hash or key name: an answer beyond it ends the connection, so that
// nobody who writes to Redis can make every login cost what a value may hold.
constexpr std::size_t kLongestString = std::size_t{64} * 1024;
// A Cluster whose slots are scattered describes itself in a few megabytes.
constexpr std::size_t kLongestReply = std::size_t{16} * 1024 * 1024;

// In which --help shows them.
constexpr const char* kGroup = "Redis";

}  // namespace

void RedisSettings::define(CLI::App& command) {
  const auto option = [&command](const char* name, std::string& value, const char* variable,
                                 const char* unit, const char* text) {
    return command.add_option(name, value, text)->envname(variable)->type_name(unit)->group(kGroup);
  };
  option(
      "--redis", url_, "HELIOGRAPH_REDIS", "URL",
      "Where the users are, if not in --users: redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], "
      "unix:PATH[?db=DATABASE], redis-sentinel://HOST[:PORT],…/MASTER[/DATABASE], "
      "redis-cluster://HOST[:PORT],…; over TLS rediss://, rediss-sentinel://, rediss-cluster://");
  option("--redis-password-file", password_file_, "HELIOGRAPH_REDIS_PASSWORD_FILE", "FILE",
         "File whose first line is the password for Redis (or set HELIOGRAPH_REDIS_PASSWORD)");
  option("--redis-sentinel-password-file", sentinel_password_file_,
         "HELIOGRAPH_REDIS_SENTINEL_PASSWORD_FILE", "FILE",
         "The same for the Sentinels (or set HELIOGRAPH_REDIS_SENTINEL_PASSWORD)");
  option("--redis-prefix", prefix_, "HELIOGRAPH_REDIS_PREFIX", "TEXT",
         "What stands in front of a user's name in its key");
  option("--redis-field", field_, "HELIOGRAPH_REDIS_FIELD", "NAME",
         "A user's key holds a hash, with the password in this field; without it a string");
  option("--redis-ca", ca_, "HELIOGRAPH_REDIS_CA", "FILE",
         "PEM file with the authorities to trust for TLS, instead of the system's");
  option("--redis-cert", certificate_, "HELIOGRAPH_REDIS_CERT", "FILE",
         "PEM file with our certificate chain, for a Redis that asks for one");
  option("--redis-key", key_, "HELIOGRAPH_REDIS_KEY", "FILE",
         "PEM file with the private key of --redis-cert");
  option("--redis-key-passphrase-file", key_passphrase_file_,
         "HELIOGRAPH_REDIS_KEY_PASSPHRASE_FILE", "FILE",
         "File whose first line is the passphrase of that key "
         "(or set HELIOGRAPH_REDIS_KEY_PASSPHRASE)");
  option("--redis-name", name_, "HELIOGRAPH_REDIS_NAME", "NAME",
         "The name or address that the certificate of every server has to be for [its host]")
      ->option_text(
          "Sentinels and Clusters name servers by address: give this where their certificates do "
          "not.");
}

server::RedisOptions RedisSettings::load() const {
  auto url = resp::parse_url(url_);
  if (!url) throw Failure(EX_USAGE, "--redis: " + std::string(resp::describe(url.error())));
  if (certificate_.empty() != key_.empty()) {
    throw Failure(EX_USAGE, "--redis-cert and --redis-key need each other");
  }
  const crypto::SecretBytes password =
      secret_option(password_file_, "HELIOGRAPH_REDIS_PASSWORD", "Redis password");
  if (!password.empty()) url->password = as_text(password);
  const crypto::SecretBytes sentinel_password = secret_option(
      sentinel_password_file_, "HELIOGRAPH_REDIS_SENTINEL_PASSWORD", "password of the Sentinels");

  server::RedisOptions options;
  options.client.client_name = "heliograph";
  options.client.sentinel_password = as_text(sentinel_password);
  options.client.limits.bulk = kLongestString;
  options.client.limits.reply = kLongestReply;
  if (url->tls) options.tls = load_tls();
  options.url = std::move(*url);
  return options;
}

server::RedisTls RedisSettings::load_tls() const {
  if (const auto name = tls::ServerName::parse(name_); !name_.empty() && !name) {
    throw Failure(EX_USAGE, "--redis-name: " + name.error());
  }
  auto config = std::make_shared<tls::ClientConfig>(std::make_shared<tls::ChainVerifier>(
      load_trusted(ca_), crypto::Purpose::kServerAuthentication));
  if (!certificate_.empty()) {
    config->credentials = {load_client_credential(
        certificate_, key_,
        secret_option(key_passphrase_file_, "HELIOGRAPH_REDIS_KEY_PASSPHRASE", "passphrase"))};
  }
  return {.config = std::move(config), .server_name = name_};
}

}  // namespace heliograph::app
