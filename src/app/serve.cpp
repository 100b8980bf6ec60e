#include "app/serve.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <system_error>
#include <thread>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/demo.hpp"
#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/users.hpp"
#include "crypto/start.hpp"
#include "server/server.hpp"

namespace heliograph::app {

namespace {

constexpr Milliseconds kSecond = 1000;

void start_logging(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("heliograph");
  logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

// Secrets are in this process's memory: nobody may attach, and no core is written.
void protect_memory() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

// Descriptors that are left for everything but clients: Redis, reloading, the workers' own.
constexpr rlim_t kOwnDescriptors = 64;
constexpr rlim_t kDescriptorsPerWorker = 8;

// As many descriptors as the host lets us have: each client is one. How many clients that allows.
std::size_t raise_descriptor_limit(std::size_t workers) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t own = kOwnDescriptors + kDescriptorsPerWorker * workers;
  return limit.rlim_max > own ? limit.rlim_max - own : 1;
}

ws::OriginPolicy parse_origins(const std::vector<std::string>& texts) {
  if (texts == std::vector<std::string>{"*"}) {
    spdlog::warn("event=any_origin note=\"pages of every site may connect; see --origin\"");
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
  option("--admin", admin_, "HELIOGRAPH_ADMIN",
         "[HOST:]PORT or unix:PATH of the admin endpoint: health, metrics, users, status page; "
         "without HOST this host alone; off unless given");
  option("--resume-time", resume_time_, "HELIOGRAPH_RESUME_TIME",
         "Seconds for which a heliograph.v1 session outlives a lost connection; 0: not at all")
      ->check(CLI::Range(0, 3'600));
  option("--log-level", log_level_, "HELIOGRAPH_LOG_LEVEL", "What is logged to standard error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "critical", "off"}));
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
  flag("--rehash", rehash_, "HELIOGRAPH_REHASH",
       "Replace a password that Redis has in the clear, or as a weak hash, by a scrypt hash when "
       "its "
       "user logs in. Other programs that read it must understand the hash");
  flag("--demo", demo_, "HELIOGRAPH_DEMO",
       "Try it out: a certificate for localhost made on first use, users user1/password1 and "
       "user2/password2, and a demo page");
  define_limits(command);
  command.callback([this] { run(); });
}

void ServeCommand::define_limits(CLI::App& command) {
  const auto option = [&command](const char* name, auto& value, const char* variable,
                                 const char* text, double most) {
    command.add_option(name, value, text)
        ->envname(variable)
        ->capture_default_str()
        ->check(CLI::Range(1.0, most));
  };
  option("--max-connections", limits_.connections, "HELIOGRAPH_MAX_CONNECTIONS",
         "Connections at once; no more than the descriptors that the system lets us have", 1e7);
  option("--max-connections-per-address", limits_.connections_per_address,
         "HELIOGRAPH_MAX_CONNECTIONS_PER_ADDRESS",
         "Connections at once from one address, or one /64 of IPv6; all clients behind a proxy are "
         "one address",
         1e7);
  option("--max-handshakes", limits_.handshakes, "HELIOGRAPH_MAX_HANDSHAKES",
         "Connections that are not open as a WebSocket yet; beyond, the oldest makes room", 1e6);
  option("--max-handshakes-per-address", limits_.handshakes_per_address,
         "HELIOGRAPH_MAX_HANDSHAKES_PER_ADDRESS",
         "The same from one address, or one /64 of IPv6; beyond, the newest is refused", 1e6);
  option(
      "--handshakes-per-turn", limits_.handshakes_per_turn, "HELIOGRAPH_HANDSHAKES_PER_TURN",
      "Flights of TLS handshakes that a worker deals with before it looks after everybody who is "
      "connected again",
      1e4);
  option("--message-rate", limits_.messages, "HELIOGRAPH_MESSAGE_RATE",
         "Messages that a client may send per second, and twice as many at once; what is more is "
         "read later",
         1e6);
  option("--byte-rate", limits_.bytes, "HELIOGRAPH_BYTE_RATE",
         "Bytes that a client may send per second, and twice as many at once; what is more is read "
         "later",
         1e9);
  option("--max-output", limits_.output, "HELIOGRAPH_MAX_OUTPUT",
         "Bytes that may wait for clients that do not read, of all clients together; beyond, those "
         "with the most are closed",
         1e12);
  command
      .add_option("--drain-time", drain_time_,
                  "Seconds over which clients are told to go when the server is asked to end")
      ->envname("HELIOGRAPH_DRAIN_TIME")
      ->capture_default_str()
      ->check(CLI::Range(0, 3600));
}

void ServeCommand::run() const {
  protect_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a log reader that goes away must not take the server along
  crypto::start();
  start_logging(log_level_);
  if (ping_interval_ >= idle_timeout_) {
    throw Failure(EX_USAGE, "--ping-interval must be less than --idle-timeout");
  }

  server::Options options;
  const auto listen = net::parse_listen_address(listen_);
  if (!listen) throw Failure(EX_USAGE, "--listen: " + listen.error());
  options.listen = *listen;
  options.workers = workers_;
  if (!admin_.empty()) {
    auto admin = server::parse_admin_address(admin_);
    if (!admin) throw Failure(EX_USAGE, "--admin: " + admin.error());
    options.admin = std::move(*admin);
  }
  options.limits = limits_;
  options.drain_time = drain_time_ * kSecond;
  options.login_timeout = login_timeout_ * kSecond;
  options.signal.greeting = !no_greeting_;
  options.signal.open_relay = open_relay_;
  options.signal.resume_time = resume_time_ * kSecond;
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
    options.rehash = rehash_;
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

  const std::size_t clients = raise_descriptor_limit(workers_);
  if (clients < options.limits.connections) {
    spdlog::info("event=limit connections={} note=\"by the limit of open files\"", clients);
    options.limits.connections = clients;
  }
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
    if (server.admin()) std::cout << "admin endpoint at " << server.admin()->text() << '\n';
    std::cout << "listening on wss://" << authority << '\n' << std::flush;
    server.run(signals);
  } catch (const std::system_error& error) {
    throw Failure(EX_UNAVAILABLE, error.what());
  }
}

}  // namespace heliograph::app
