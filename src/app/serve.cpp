#include "app/serve.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <system_error>
#include <thread>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/config_file.hpp"
#include "app/demo.hpp"
#include "app/exit_status.hpp"
#include "app/files.hpp"
#include "app/service_manager.hpp"
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

// Descriptors that are left for everything but clients: Redis, reloading, the workers' own.
constexpr rlim_t kOwnDescriptors = 64;
constexpr rlim_t kDescriptorsPerWorker = 8;

void bound_connections(server::Limits& limits, std::size_t workers) {
  const std::size_t clients = most_connections(workers);
  if (clients >= limits.connections) return;
  server::log::info("limit", {{"connections", clients}, {"note", "by the limit of open files"}});
  limits.connections = clients;
}

server::log::Level level_named(const std::string& name) {
  return server::log::parse_level(name).value_or(server::log::Level::kInfo);
}

bool is_any(const std::vector<std::string>& origins) {
  return origins == std::vector<std::string>{"*"};
}

ws::OriginPolicy parse_origins(const std::vector<std::string>& texts) {
  if (is_any(texts)) return ws::OriginPolicy::any();
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

// As many descriptors as the host lets us have: each client is one. How many clients that allows.
std::size_t most_connections(std::size_t workers) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t own = kOwnDescriptors + kDescriptorsPerWorker * workers;
  return limit.rlim_max > own ? limit.rlim_max - own : 1;
}

void ServeCommand::define(CLI::App& command) {
  const auto option = [&command](const char* name, auto& value, const char* variable,
                                 const char* text) {
    return command.add_option(name, value, text)->envname(variable)->capture_default_str();
  };
  command_ = &command;
  command.fallthrough();
  // So that variables are read where this command is given, and before the configuration file.
  command.parse_complete_callback([] {});
  command.footer("  --config FILE\n      TOML file with these options as keys");
  option("--listen", listen_, "HELIOGRAPH_LISTEN",
         "Where to listen; without HOST on all addresses, port 0 picks a free one")
      ->type_name("[HOST:]PORT")
      ->option_text("Not looked at if a service manager hands over a socket.");
  tls_.define(command);
  redis_.define(command);
  login_.define(command);
  option("--users", users_, "HELIOGRAPH_USERS", "File with the users; see 'heliograph user'")
      ->type_name("FILE");
  option("--workers", workers_, "HELIOGRAPH_WORKERS", "Threads that serve clients")
      ->type_name("N")
      ->option_text("One per core is a good number.")
      ->check(CLI::Range(1, 256));
  option("--max-message", max_message_, "HELIOGRAPH_MAX_MESSAGE",
         "The longest message that a client may send")
      ->type_name("BYTES")
      ->option_text("A longer one closes the connection with 1009.")
      ->check(CLI::Range(1024, 16 * 1024 * 1024));
  option("--origin", origins_, "HELIOGRAPH_ORIGIN",
         "Origins whose pages may connect: '*' for all, 'same' for this server's own, or a list")
      ->type_name("ORIGIN")
      ->option_text("An origin is written as in `https://example.org`.")
      ->delimiter(',');
  option("--login-timeout", login_timeout_, "HELIOGRAPH_LOGIN_TIMEOUT",
         "Time until an open connection must have logged in")
      ->type_name("SECONDS")
      ->option_text(
          "Long, since the tutorial's page connects when it loads, and then waits for somebody to "
          "type; clients that speak `heliograph.v1` have 10 seconds at most.")
      ->check(CLI::Range(1, 86'400));
  option("--idle-timeout", idle_timeout_, "HELIOGRAPH_IDLE_TIMEOUT",
         "Silence after which a client counts as gone")
      ->type_name("SECONDS")
      ->check(CLI::Range(2, 86'400));
  option("--ping-interval", ping_interval_, "HELIOGRAPH_PING_INTERVAL",
         "Silence after which a client is pinged; less than --idle-timeout")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400));
  option(
      "--admin", admin_, "HELIOGRAPH_ADMIN",
      "The admin endpoint: health, metrics, users, status page; without HOST on this host alone, "
      "off unless given")
      ->type_name("[HOST:]PORT|unix:PATH");
  option("--resume-time", resume_time_, "HELIOGRAPH_RESUME_TIME",
         "How long a heliograph.v1 session outlives a lost connection; 0: not at all")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 3'600));
  option("--log-level", log_level_, "HELIOGRAPH_LOG_LEVEL", "What is logged to standard error")
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
  option("--log-format", log_format_, "HELIOGRAPH_LOG_FORMAT", "How a line of the log is written")
      ->type_name("FORMAT")
      ->option_text(
          "One line for each event, as `key=value` or as a JSON object; text that somebody else "
          "has chosen is escaped.")
      ->check(CLI::IsMember({"logfmt", "json"}));
  const auto flag = [&command](const char* name, bool& value, const char* variable,
                               const char* text) {
    return command.add_flag(name, value, text)->envname(variable);
  };
  flag("--open-relay", open_relay_, "HELIOGRAPH_OPEN_RELAY",
       "Deliver answers, candidates and leaves without a call, as the tutorial's server does");
  flag("--no-greeting", no_greeting_, "HELIOGRAPH_NO_GREETING",
       "Do not greet with 'Hello from server'");
  flag("--deflate", deflate_, "HELIOGRAPH_DEFLATE",
       "Compress messages for clients that offer permessage-deflate")
      ->option_text(
          "Each message by itself (no context takeover in either direction), so that a silent "
          "client costs next to nothing; when 64 MiB are spent on it, further clients are served "
          "without. Off, since signaling messages are short, and compressing secrets next to what "
          "others can choose may tell their length.");
  flag("--rehash", rehash_, "HELIOGRAPH_REHASH",
       "Replace a password that Redis has in the clear, or as a weak hash, when its user logs in")
      ->option_text(
          "By a scrypt hash, which other programs that read the password must understand.");
  flag("--demo", demo_, "HELIOGRAPH_DEMO",
       "Try it out: a certificate for localhost made on first use, users user1/password1 and "
       "user2/password2, and a demo page")
      ->option_text(
          "The certificate is kept in `$XDG_STATE_HOME/heliograph`; the pages are under `/demo/`.");
  define_limits(command);
}

void ServeCommand::define_limits(CLI::App& command) {
  const auto option = [&command](const char* name, auto& value, const char* variable,
                                 const char* text, std::int64_t most, const char* unit = "N") {
    command.add_option(name, value, text)
        ->type_name(unit)
        ->envname(variable)
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t{1}, most));
  };
  option("--max-connections", limits_.connections, "HELIOGRAPH_MAX_CONNECTIONS",
         "Connections at once; no more than the descriptors that the system lets us have",
         10'000'000);
  option("--max-connections-per-address", limits_.connections_per_address,
         "HELIOGRAPH_MAX_CONNECTIONS_PER_ADDRESS",
         "Connections at once from one address, or one /64 of IPv6; all clients behind a proxy are "
         "one address",
         10'000'000);
  option("--max-connections-per-network", limits_.connections_per_network,
         "HELIOGRAPH_MAX_CONNECTIONS_PER_NETWORK",
         "Connections at once from one /48 of IPv6, whose many /64s may belong to one customer; "
         "counts if it is more than --max-connections-per-address",
         10'000'000);
  option("--max-handshakes", limits_.handshakes, "HELIOGRAPH_MAX_HANDSHAKES",
         "Connections that are not open as a WebSocket yet; beyond, the oldest makes room",
         1'000'000);
  option("--max-handshakes-per-address", limits_.handshakes_per_address,
         "HELIOGRAPH_MAX_HANDSHAKES_PER_ADDRESS",
         "The same from one address, or one /64 of IPv6; beyond, the newest is refused", 1'000'000);
  option(
      "--handshakes-per-turn", limits_.handshakes_per_turn, "HELIOGRAPH_HANDSHAKES_PER_TURN",
      "Flights of TLS handshakes that a worker deals with before it looks after everybody who is "
      "connected again",
      10'000);
  option("--message-rate", limits_.messages, "HELIOGRAPH_MESSAGE_RATE",
         "Messages that a client may send per second, and twice as many at once; what is more is "
         "read later",
         1'000'000);
  option("--byte-rate", limits_.bytes, "HELIOGRAPH_BYTE_RATE",
         "Bytes that a client may send per second, and twice as many at once; what is more is read "
         "later",
         1'000'000'000, "BYTES");
  option("--max-buffered", limits_.buffered, "HELIOGRAPH_MAX_BUFFERED",
         "Bytes kept for all clients together, of what they do not read, and of messages that they "
         "do not finish; beyond, those with the most are closed",
         1'000'000'000'000, "BYTES");
  command
      .add_option("--drain-time", drain_time_,
                  "Time over which clients are told to go when the server is asked to end")
      ->type_name("SECONDS")
      ->envname("HELIOGRAPH_DRAIN_TIME")
      ->capture_default_str()
      ->check(CLI::Range(0, 3600));
}

std::span<const std::string_view> ServeCommand::reloaded() {
  static constexpr std::array kNames =
      std::to_array<std::string_view>({"--cert",
                                       "--key",
                                       "--key-passphrase-file",
                                       "--ocsp",
                                       "--ticket-keys",
                                       "--client-ca",
                                       "--users",
                                       "--login-key-file",
                                       "--ice-server",
                                       "--turn-secret-file",
                                       "--turn-ttl",
                                       "--log-level",
                                       "--origin",
                                       "--idle-timeout",
                                       "--ping-interval",
                                       "--max-message",
                                       "--drain-time",
                                       "--max-connections",
                                       "--max-connections-per-address",
                                       "--max-connections-per-network",
                                       "--max-handshakes",
                                       "--max-handshakes-per-address",
                                       "--handshakes-per-turn",
                                       "--message-rate",
                                       "--byte-rate",
                                       "--max-buffered"});
  return kNames;
}

server::Options ServeCommand::options() const {
  if (ping_interval_ >= idle_timeout_) {
    throw Failure(EX_USAGE, "--ping-interval must be less than --idle-timeout");
  }
  server::Options options;
  options.limits = limits_;
  options.drain_time = drain_time_ * kSecond;
  const auto listen = net::parse_listen_address(listen_);
  if (!listen) throw Failure(EX_USAGE, "--listen: " + listen.error());
  options.listen = *listen;
  options.workers = workers_;
  if (!admin_.empty()) {
    auto admin = server::parse_admin_address(admin_);
    if (!admin) throw Failure(EX_USAGE, "--admin: " + admin.error());
    options.admin = std::move(*admin);
  }
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
  return options;
}

void ServeCommand::load(server::Reloadable& into) {
  if (demo_) tls_.use_demo_certificate();
  into.tls = tls_.load();
  if (demo_) {
    into.users = std::make_shared<signal::UsersFile>(demo_users());
  } else if (!redis_.wanted()) {
    auto users = naming_option("--users", [this] { return load_users(users_); });
    if (!users) {
      throw Failure(EX_NOINPUT, "there is no users file '" + users_ +
                                    "': add a user with 'heliograph user add --users " + users_ +
                                    " NAME', or name a Redis server with --redis");
    }
    into.users = std::make_shared<signal::UsersFile>(std::move(*users));
  }
  into.login_keys = naming_option("--login-key-file", [this] { return login_.login_keys(); });
  into.ice = login_.ice();
  bound_connections(into.limits, workers_);
}

// The command line and the files are read anew, and only if all of it can be used, any of it is.
server::Reloadable ServeCommand::reload(const std::vector<const char*>& arguments) const {
  CLI::App app("", "heliograph");
  const std::shared_ptr<ConfigFile> config = ConfigFile::add_to(app);
  ServeCommand again;
  again.define(*app.add_subcommand("serve"));
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
    server::Options options = again.options();
    again.warn_of_fixed(*this);
    // What cannot change decides what is read.
    again.demo_ = demo_;
    again.redis_ = redis_;
    again.workers_ = workers_;
    again.tls_.keep_key_log(tls_);
    server::Reloadable& changed = options;
    again.load(changed);
    server::log::set_level(level_named(again.log_level_));
    return changed;
  } catch (const std::exception& error) {
    throw Failure(EX_CONFIG, config->locate(error.what()));
  }
}

void ServeCommand::warn_of_fixed(const ServeCommand& running) const {
  for (const CLI::Option* const option : command_->get_options()) {
    const std::string name = option->get_single_name();
    const auto value_of = [&name](const ServeCommand& command) {
      return command.command_->get_option("--" + name)->results();
    };
    const bool read_again = std::ranges::find(reloaded(), "--" + name) != reloaded().end();
    if (!read_again && value_of(*this) != value_of(running)) {
      server::log::warn("needs_restart", {{"option", server::log::Word("--" + name)}});
    }
  }
}

void ServeCommand::run(std::vector<const char*> arguments) const {
  protect_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a log reader that goes away must not take the server along
  crypto::start();
  server::log::start(
      log_format_ == "json" ? server::log::Format::kJson : server::log::Format::kLogfmt,
      level_named(log_level_));

  server::Options options = this->options();
  if (is_any(origins_)) {
    server::log::warn("any_origin", {{"note", "pages of every site may connect; see --origin"}});
  }
  ServeCommand loaded = *this;
  loaded.load(options);
  if (redis_.wanted()) {
    options.redis = redis_.load();
    options.redis_prefix = redis_.prefix();
    options.redis_field = redis_.field();
    options.rehash = rehash_;
  }
  options.reload = [loaded, arguments = std::move(arguments)] { return loaded.reload(arguments); };

  const net::Signals signals({SIGTERM, SIGINT, SIGHUP});
  try {
    std::optional<net::Listener> socket = inherited_socket();
    const bool inherited = socket.has_value();
    server::Server server(std::move(options), supervisor(), std::move(socket));
    if (inherited) {
      server::log::info("inherited", {{"address", server::log::Word(server.local().text())}});
    }
    const std::string address = server.local().host().text();
    const bool everywhere = address == "::" || address == "0.0.0.0";
    const std::string host = everywhere ? "localhost" : address;
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
