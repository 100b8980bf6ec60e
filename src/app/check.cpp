#include "app/check.hpp"

#include <ctime>
#include <filesystem>
#include <iostream>
#include <span>
#include <vector>

#include "app/check_redis.hpp"
#include "app/exit_status.hpp"
#include "app/users.hpp"
#include "crypto/peer_certificate.hpp"
#include "crypto/start.hpp"
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
  tls_.define(command);
  redis_.define(command);
  command.add_option("--users", users_, "The users file, unless --redis is given")
      ->type_name("FILE")
      ->envname("HELIOGRAPH_USERS")
      ->capture_default_str();
  command.callback([this, &command] { run(command); });
}

void CheckCommand::run(const CLI::App& command) const {
  crypto::start();
  server::log::set_level(server::log::Level::kOff);  // what is said is said as findings
  Findings findings;
  const bool named = command.count("--cert") > 0 || command.count("--key") > 0;
  // Who asks about Redis alone need not have a certificate at hand.
  if (named || !redis_.wanted() || std::filesystem::exists(tls_.certificates().front())) {
    check_certificates(findings);
  }
  if (redis_.wanted()) {
    check_redis(redis_, findings);
  } else {
    check_users(findings);
  }
  std::cout.flush();
  if (findings.status() != 0) throw Failure(findings.status(), "not everything is as it should be");
}

void CheckCommand::check_certificates(Findings& findings) const {
  try {
    const std::vector<crypto::KeyPair> pairs = tls_.load_pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      judge(tls_.certificates()[i], pairs[i].chain, findings);
    }
  } catch (const Failure& failure) {
    findings.failure("certificate", failure.what(), failure.status());
  }
}

void CheckCommand::check_users(Findings& findings) const {
  try {
    const auto users = load_users(users_);
    if (users) {
      findings.ok("users", std::to_string(users->users().size()) + " in '" + users_ + "'");
    } else {
      findings.failure("users",
                       "there is no file '" + users_ + "': add a user with 'heliograph user add'",
                       EX_NOINPUT);
    }
  } catch (const Failure& failure) {
    findings.failure("users", failure.what(), failure.status());
  }
}

}  // namespace heliograph::app
