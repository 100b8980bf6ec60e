#include "app/demo.hpp"

#include <cstdlib>
#include <ctime>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "crypto/certificate.hpp"
#include "crypto/self_signed.hpp"
#include "signal/credential.hpp"

namespace heliograph::app {

namespace {

constexpr int kValidDays = 90;
constexpr std::int64_t kRenewBefore = std::int64_t{7} * 24 * 3600;  // seconds

// XDG Base Directory Specification: $XDG_STATE_HOME, else ~/.local/state.
std::filesystem::path state_folder() {
  const auto variable = [](const char* name) -> std::filesystem::path {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  const std::filesystem::path state = variable("XDG_STATE_HOME");
  if (state.is_absolute()) return state / "heliograph";
  std::filesystem::path home = variable("HOME");
  if (const passwd* const entry = ::getpwuid(::getuid()); home.empty() && entry != nullptr) {
    home = entry->pw_dir;
  }
  if (home.is_absolute()) return home / ".local" / "state" / "heliograph";
  throw Failure(EX_CONFIG,
                "--demo keeps its certificate in a state folder: set HOME or "
                "XDG_STATE_HOME to an absolute path");
}

bool usable(const std::string& certificate_pem, Bytes key_pem, std::int64_t now) {
  const auto pair = crypto::load_key_pair(as_bytes(certificate_pem), key_pem);
  return pair && now >= pair->chain.not_before() && now + kRenewBefore < pair->chain.not_after();
}

}  // namespace

DemoCertificate demo_certificate() {
  const std::filesystem::path folder = state_folder();
  const std::filesystem::path certificate_path = folder / "demo.crt";
  const std::filesystem::path key_path = folder / "demo.key";
  const std::int64_t now = std::time(nullptr);
  const auto certificate = read_file_if_present(certificate_path, "demo certificate");
  const auto key = read_secret_file_if_present(key_path, "demo key");
  if (certificate && key && usable(*certificate, *key, now)) return {*certificate, *key, folder};

  const std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  const auto made = crypto::make_self_signed(names, now, kValidDays);
  if (!made) throw Failure(EX_SOFTWARE, "cannot make the demo certificate: " + made.error());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw Failure(EX_CANTCREAT, "cannot create the folder '" + folder.string() +
                                    "' for the demo certificate: " + error.message());
  }
  write_private_file(key_path, as_text(made->private_key_pem));
  write_private_file(certificate_path, made->certificate_pem);
  return {made->certificate_pem, made->private_key_pem, folder};
}

signal::UsersFile demo_users() {
  signal::UsersFile users;
  for (const std::string number : {"1", "2"}) {
    const auto hash = signal::hash_password("password" + number);
    if (!hash) throw Failure(EX_SOFTWARE, "cannot hash the demo passwords");
    users.set("user" + number, *hash);
  }
  return users;
}

}  // namespace heliograph::app
