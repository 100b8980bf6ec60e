#include "app/serve.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <system_error>
#include <thread>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/demo.hpp"
#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/users.hpp"
#include "crypto/start.hpp"
#include "server/log.hpp"
#include "server/server.hpp"

namespace heliograph::app {

namespace {

constexpr Milliseconds kSecond = 1000;

// Secrets are in this process's memory: nobody may attach, and no core is written.
void protect_memory() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

// As many descriptors as the host lets us have: each client is one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

ws::OriginPolicy parse_origins(const std::vector<std::string>& texts) {
  if (texts == std::vector<std::string>{"*"}) {
    server::log::warn("any_origin", {{"note", "pages of every site may connect; see --origin"}});
    return ws::OriginPolicy::any();
  }
  if (texts == std::vector<std::string>{"same"}) return ws::OriginPolicy::same();
  std::vector<ws::Origin> origins;
  for (const std::string& text : texts) {
    auto origin = ws::parse_origin(text);
    if (!origin) {
      throw Failure(EX_USAGE,
                    "--origin: expected '*', 'same' or origins such as "
                    "https://example.org, not '" +
                        text + "'");
    }
    origins.push_back(std::move(*origin));
  }
  return ws::OriginPolicy::list(std::move(origins));
}

}  // namespace

void ServeCommand::define(CLI::App& command) {
  const auto option = [&command](const char* name, auto& value, const char* variable,
                                 const char* text) {
    return command.add_option(name, value, text)->envname(variable)->capture_default_str();
  };
  command.fallthrough();
  command.footer("--config FILE    TOML file with these options as keys");
  option("--listen", listen_, "HELIOGRAPH_LISTEN",
         "[HOST:]PORT to listen on; without HOST all addresses, port 0 picks a free one");
  tls_.define(command);
  redis_.define(command);
  login_.define(command);
  option("--users", users_, "HELIOGRAPH_USERS", "File with the users; see 'heliograph user'")
      ->type_name("FILE");
  option("--workers", workers_, "HELIOGRAPH_WORKERS", "Threads that serve clients")
      ->check(CLI::Range(1, 256));
  option("--max-message", max_message_, "HELIOGRAPH_MAX_MESSAGE",
         "Bytes of the longest message that a client may send")
      ->check(CLI::Range(1024, 16 * 1024 * 1024));
  option("--origin", origins_, "HELIOGRAPH_ORIGIN",
         "Origins whose pages may connect: '*' for all, 'same' for this server's own, or a list")
      ->delimiter(',');
  option("--login-timeout", login_timeout_, "HELIOGRAPH_LOGIN_TIMEOUT",
         "Seconds until an open connection must have logged in")
      ->check(CLI::Range(1, 86'400));
  option("--idle-timeout", idle_timeout_, "HELIOGRAPH_IDLE_TIMEOUT",
         "Seconds of silence after which a client counts as gone")
      ->check(CLI::Range(2, 86'400));
  option("--ping-interval", ping_interval_, "HELIOGRAPH_PING_INTERVAL",
         "Seconds between the pings that keep a connection alive; less than --idle-timeout")
      ->check(CLI::Range(1, 86'400));
  option("--log-level", log_level_, "HELIOGRAPH_LOG_LEVEL", "What is logged to standard error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
  option("--log-format", log_format_, "HELIOGRAPH_LOG_FORMAT", "How a line of the log is written")
      ->check(CLI::IsMember({"logfmt", "json"}));
  const auto flag = [&command](const char* name, bool& value, const char* variable,
                               const char* text) {
    command.add_flag(name, value, text)->envname(variable);
  };
  flag("--open-relay", open_relay_, "HELIOGRAPH_OPEN_RELAY",
       "Deliver answers, candidates and leaves without a call, as the tutorial's server does");
  flag("--no-greeting", no_greeting_, "HELIOGRAPH_NO_GREETING",
       "Do not greet with 'Hello from server'");
  flag("--deflate", deflate_, "HELIOGRAPH_DEFLATE",
       "Compress messages for clients that offer permessage-deflate");
  flag("--demo", demo_, "HELIOGRAPH_DEMO",
       "Try it out: a certificate for localhost made on first use, users user1/password1 and "
       "user2/password2, and a demo page");
  command.callback([this] { run(); });
}

void ServeCommand::run() const {
  protect_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a log reader that goes away must not take the server along
  crypto::start();
  server::log::start(
      log_format_ == "json" ? server::log::Format::kJson : server::log::Format::kLogfmt,
      server::log::parse_level(log_level_).value_or(server::log::Level::kInfo));
  if (ping_interval_ >= idle_timeout_) {
    throw Failure(EX_USAGE, "--ping-interval must be less than --idle-timeout");
  }

  server::Options options;
  const auto listen = net::parse_listen_address(listen_);
  if (!listen) throw Failure(EX_USAGE, "--listen: " + listen.error());
  options.listen = *listen;
  options.workers = workers_;
  options.login_timeout = login_timeout_ * kSecond;
  options.signal.greeting = !no_greeting_;
  options.signal.open_relay = open_relay_;
  options.channel.limits.max_message = max_message_;
  options.channel.origin = parse_origins(origins_);
  options.channel.ping_interval = ping_interval_ * kSecond;
  options.channel.idle_timeout = idle_timeout_ * kSecond;
  if (deflate_) {
    options.channel.deflate_budget = std::make_shared<ws::DeflateBudget>(server::kDeflateBudget);
  }
  options.channel.demo = demo_ ? server::Demo::kOn : server::Demo::kOff;

  TlsSettings tls = tls_;
  if (demo_) {
    tls.use_demo_certificate();
    options.users = std::make_shared<signal::UsersFile>(demo_users());
  }
  options.tls = tls.load();
  options.reload_tls = [tls = std::move(tls)]() mutable { return tls.load(); };

  if (redis_.wanted()) {
    options.redis = redis_.load();
    options.redis_prefix = redis_.prefix();
    options.redis_field = redis_.field();
  } else if (!demo_) {
    auto users = load_users(users_);
    if (!users) {
      throw Failure(EX_NOINPUT, "there is no users file '" + users_ +
                                    "': add a user with 'heliograph user add --users " + users_ +
                                    " NAME', or name a Redis server with --redis");
    }
    options.users = std::make_shared<signal::UsersFile>(std::move(*users));
  }

  options.login_keys = login_.login_keys();
  options.ice = login_.ice();

  raise_descriptor_limit();
  const net::Signals signals({SIGTERM, SIGINT, SIGHUP});
  try {
    server::Server server(std::move(options));
    const std::string host = listen->host.empty() ? "localhost" : server.local().host().text();
    const bool bracketed = host.find(':') != std::string::npos;
    const std::string authority =
        (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(server.local().port());
    if (demo_) {
      std::cout << "This is a demo: anybody can log in as user1 (password1) or user2 "
                   "(password2).\nOpen https://"
                << authority << "/demo/ in two tabs and accept the self-made certificate.\n";
    }
    std::cout << "listening on wss://" << authority << '\n' << std::flush;
    server.run(signals);
  } catch (const std::system_error& error) {
    throw Failure(EX_UNAVAILABLE, error.what());
  }
}

}  // namespace heliograph::app
