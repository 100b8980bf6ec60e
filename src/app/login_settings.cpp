#include "app/login_settings.hpp"

#include <optional>
#include <utility>

#include "app/exit_status.hpp"
#include "app/files.hpp"

namespace heliograph::app {

signal::LoginKeys load_login_keys(const std::string& path) {
  auto keys = signal::LoginKeys::parse(as_text(read_secret_file(path, "login keys")));
  if (!keys) throw Failure(EX_CONFIG, "cannot use '" + path + "': " + keys.error());
  return std::move(*keys);
}

void LoginSettings::define(CLI::App& command) {
  command
      .add_option(
          "--login-key-file", login_key_file_,
          "File with the key of login tickets in hexadecimal or base64, and the previous key "
          "on a second line; see 'heliograph ticket'")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_LOGIN_KEY_FILE");
  command
      .add_option("--ice-server", ice_servers_,
                  "STUN or TURN server that heliograph.v1 clients are told to use")
      ->type_name("URL")
      ->envname("HELIOGRAPH_ICE_SERVER")
      ->delimiter(',');
  command
      .add_option("--turn-secret-file", turn_secret_file_,
                  "File whose first line is the secret shared with the TURN servers (coturn's "
                  "static-auth-secret)")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_TURN_SECRET_FILE");
  command.add_option("--turn-ttl", turn_ttl_, "How long TURN credentials are good")
      ->type_name("SECONDS")
      ->envname("HELIOGRAPH_TURN_TTL")
      ->check(CLI::Range(60, 604'800))
      ->capture_default_str();
}

std::shared_ptr<const signal::LoginKeys> LoginSettings::login_keys() const {
  if (login_key_file_.empty()) return nullptr;
  return std::make_shared<signal::LoginKeys>(load_login_keys(login_key_file_));
}

std::shared_ptr<const signal::IceServers> LoginSettings::ice() const {
  if (ice_servers_.empty()) return nullptr;
  crypto::SecretBytes secret;
  std::optional<Bytes> line;
  if (!turn_secret_file_.empty()) {
    secret = read_secret_file(turn_secret_file_, "TURN secret");
    line = as_bytes(first_line(as_text(secret)));
  }
  auto servers = signal::IceServers::make(ice_servers_, line, turn_ttl_);
  if (!servers) {
    throw Failure(EX_CONFIG, "--ice-server, --turn-secret-file: " + servers.error());
  }
  return std::make_shared<signal::IceServers>(std::move(*servers));
}

}  // namespace heliograph::app
