#include "app/ticket.hpp"

#include <array>
#include <ctime>
#include <iostream>

#include "app/exit_status.hpp"
#include "app/login_settings.hpp"
#include "crypto/random.hpp"
#include "crypto/start.hpp"
#include "signal/name.hpp"
#include "signal/ticket.hpp"

namespace heliograph::app {

void TicketCommand::define(CLI::App& command) {
  command.add_option("NAME", name_, "Whom the ticket lets in")->required();
  command
      .add_option("--login-key-file", login_key_file_,
                  "File with the key, as 'serve' reads it; the first line counts")
      ->envname("HELIOGRAPH_LOGIN_KEY_FILE")
      ->required();
  command.add_option("--ttl", ttl_, "Seconds until the ticket expires")
      ->check(CLI::Range(1, 31'536'000))
      ->capture_default_str();
  command.callback([this] { run(); });
}

void TicketCommand::run() const {
  crypto::start();
  if (!signal::is_name(name_)) {
    throw Failure(EX_DATAERR, "a name is 1 to 128 bytes of UTF-8 without control characters");
  }
  const signal::LoginKeys keys = load_login_keys(login_key_file_);
  std::array<std::uint8_t, 12> nonce{};
  crypto::fill_random(nonce);
  std::cout << keys.make(name_, std::time(nullptr) + ttl_, nonce) << '\n';
}

}  // namespace heliograph::app
