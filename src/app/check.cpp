#include "app/check.hpp"

#include <ctime>
#include <filesystem>
#include <iostream>
#include <span>
#include <system_error>
#include <vector>

#include "app/check_redis.hpp"
#include "app/exit_status.hpp"
#include "app/users.hpp"
#include "crypto/peer_certificate.hpp"
#include "crypto/start.hpp"
#include "server/admin.hpp"
#include "server/log.hpp"
#include "server/log_text.hpp"

namespace heliograph::app {

namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;
// Time enough to get another one.
constexpr std::int64_t kSoon = 21 * kDay;

std::string names_of(const crypto::CertificateChain& chain) {
  std::vector<Bytes> certificates(chain.certificates().begin(), chain.certificates().end());
  const auto leaf = crypto::PeerCertificate::from_der(certificates);
  std::string text;
  const auto add = [&text](const std::vector<std::string>& names) {
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  };
  if (leaf) {
    add(leaf->identity().dns_names);
    add(leaf->identity().ip_addresses);
  }
  return text;
}

std::string date(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[sizeof "2026-01-31"];
  return std::strftime(text, sizeof text, "%F", &parts) == 0 ? "?" : text;
}

void judge(const std::string& file, const crypto::CertificateChain& chain, Findings& findings) {
  const std::int64_t now = std::time(nullptr);
  const std::string names = names_of(chain);
  if (names.empty()) {
    findings.hint("certificate", file + " is for no name: browsers refuse it unless told not to");
  } else {
    findings.ok("certificate", file + " is for " + names);
  }
  if (now > chain.not_after()) {
    findings.failure("certificate", file + " expired on " + date(chain.not_after()), EX_CONFIG);
  } else if (now < chain.not_before()) {
    findings.failure("certificate", file + " is not valid before " + date(chain.not_before()),
                     EX_CONFIG);
  } else if (chain.not_after() - now < kSoon) {
    findings.hint("certificate", file + " is valid only until " + date(chain.not_after()));
  } else {
    findings.ok("certificate", file + " is valid until " + date(chain.not_after()));
  }
}

// A secret that others than its owner and group can read is none; nothing is said about no file.
void hint_at_readers(const std::string& file, std::string_view area, Findings& findings) {
  constexpr auto kOthers = std::filesystem::perms::others_all;
  std::error_code error;
  const auto rights = std::filesystem::status(file, error).permissions();
  if (file.empty() || error || (rights & kOthers) == std::filesystem::perms::none) return;
  findings.hint(area, "everybody on this host can get at '" + file + "': chmod o= " + file);
}

}  // namespace

void Findings::ok(std::string_view area, std::string_view text) {
  std::cout << "ok    " << area << ": " << server::printable(text) << '\n';
}

void Findings::hint(std::string_view area, std::string_view text) {
  std::cout << "hint  " << area << ": " << server::printable(text) << '\n';
}

void Findings::failure(std::string_view area, std::string_view text, int status) {
  std::cout << "FAIL  " << area << ": " << server::printable(text) << '\n';
  if (status_ == 0) status_ = status;
}

void CheckCommand::define(CLI::App& command) {
  serve_.define(command);
  command.callback([this, &command] { run(command); });
}

void CheckCommand::run(const CLI::App& command) const {
  crypto::start();
  server::log::set_level(server::log::Level::kOff);  // what is said is said as findings
  Findings findings;
  check_options(findings);
  const bool named = command.count("--cert") > 0 || command.count("--key") > 0;
  // Who asks about Redis alone need not have a certificate at hand.
  if (named || !serve_.redis().wanted() ||
      std::filesystem::exists(serve_.tls().certificates().front())) {
    check_certificates(findings);
  }
  if (serve_.redis().wanted()) {
    check_redis(serve_.redis(), findings);
  } else {
    check_users(findings);
  }
  check_logins(findings);
  std::cout.flush();
  if (findings.status() != 0) throw Failure(findings.status(), "not everything is as it should be");
}

void CheckCommand::check_options(Findings& findings) const {
  try {
    const server::Options options = serve_.options();
    const std::size_t clients = most_connections(options.workers);
    if (clients < options.limits.connections) {
      findings.hint("limits", "--max-connections is " + std::to_string(options.limits.connections) +
                                  ", but the limit of open files allows " +
                                  std::to_string(clients));
    } else {
      findings.ok("limits", std::to_string(options.limits.connections) + " connections");
    }
    check_admin(options, findings);
  } catch (const Failure& failure) {
    findings.failure("options", failure.what(), failure.status());
  }
}

// It is listened on, and let go at once. Who asks may be about to reload a server that runs.
void CheckCommand::check_admin(const server::Options& options, Findings& findings) {
  if (!options.admin) return;
  try {
    const server::AdminListener listener(*options.admin);
    findings.ok("admin", "can listen on " + listener.text());
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::address_in_use) {
      return findings.hint("admin", std::string(error.what()) + ", unless by this server itself");
    }
    if (error.code() == std::errc::no_such_file_or_directory) {
      return findings.hint(
          "admin", std::string(error.what()) + ": its folder must be there when the server starts");
    }
    const bool forbidden = error.code() == std::errc::permission_denied ||
                           error.code() == std::errc::operation_not_permitted;
    findings.failure("admin", error.what(), forbidden ? EX_NOPERM : EX_UNAVAILABLE);
  }
}

void CheckCommand::check_certificates(Findings& findings) const {
  try {
    const std::vector<crypto::KeyPair> pairs = serve_.tls().load_pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      judge(serve_.tls().certificates()[i], pairs[i].chain, findings);
    }
    const std::vector<std::string> unless_given = {"server.key"};
    const std::vector<std::string>& given = serve_.tls().keys();
    for (const std::string& key : given.empty() ? unless_given : given) {
      hint_at_readers(key, "certificate", findings);
    }
  } catch (const Failure& failure) {
    findings.failure("certificate", failure.what(), failure.status());
  }
}

void CheckCommand::check_users(Findings& findings) const {
  const std::string& file = serve_.users();
  try {
    const auto users = load_users(file);
    if (users) {
      findings.ok("users", std::to_string(users->users().size()) + " in '" + file + "'");
      hint_at_readers(file, "users", findings);
    } else {
      findings.failure("users",
                       "there is no file '" + file + "': add a user with 'heliograph user add'",
                       EX_NOINPUT);
    }
  } catch (const Failure& failure) {
    findings.failure("users", failure.what(), failure.status());
  }
}

void CheckCommand::check_logins(Findings& findings) const {
  const LoginSettings& login = serve_.login();
  try {
    if (login.login_keys()) findings.ok("tickets", "'" + login.login_key_file() + "' has the keys");
    if (login.ice()) findings.ok("ice", "servers and secret can be used");
    hint_at_readers(login.login_key_file(), "tickets", findings);
    hint_at_readers(login.turn_secret_file(), "ice", findings);
  } catch (const Failure& failure) {
    findings.failure("logins", failure.what(), failure.status());
  }
}

}  // namespace heliograph::app
