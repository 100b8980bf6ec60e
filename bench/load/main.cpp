// Puts load on servers over the loopback, and prints what it cost them as JSON.
//
//   heliograph_load echo --port 9001 --pid PID --connections 100 --depth 16
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include "load/cycle.hpp"
#include "load/handshake.hpp"
#include "load/presence.hpp"
#include "load/traffic.hpp"

namespace heliograph::bench {
namespace {

using Mode = JsonObject (*)(const Settings&);

struct ModeName {
  const char* name;
  Mode run;
  const char* description;
};

constexpr ModeName kModes[] = {
    {"handshake", run_handshake, "New TCP and TLS connections, full or resumed"},
    {"echo", run_echo, "Messages to an echo server"},
    {"relay", run_relay, "Candidates between pairs of users that call each other"},
    {"login", run_login, "Logins over connections that are open already"},
    {"churn", run_churn, "WebSockets that come, say one thing (or log in) and go"},
    {"idle", run_idle, "WebSockets that are held, and the memory that they take"},
    {"flood", run_flood, "A quiet pair of users while others send without end"},
};

// Each connection is a descriptor, here as at the server.
void raise_descriptor_limit(std::size_t needed) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < needed) {
    throw ConnectionError("at most " + std::to_string(limit.rlim_max) +
                          " files may be open here, but " + std::to_string(needed) +
                          " are needed; see ulimit -Hn");
  }
}

void add_options(CLI::App& app, Settings& settings) {
  app.add_option("--port", settings.ports, "Ports of the servers on 127.0.0.1")
      ->capture_default_str();
  app.add_option("--pid", settings.pids, "Their processes, to be measured");
  app.add_flag("--plain", settings.plain, "ws:// instead of wss://");
  app.add_option("--group", settings.group, "Key exchange")->capture_default_str();
  app.add_flag("--tls12", settings.tls12, "TLS 1.2 instead of 1.3");
  app.add_flag("--resume", settings.resume, "Resume TLS sessions");
  app.add_flag("--login", settings.login, "The server is one of signaling");
  app.add_option("--warm-up", settings.warm_up, "Seconds that do not count")->capture_default_str();
  app.add_option("--seconds", settings.seconds, "Seconds that count")->capture_default_str();
  app.add_option("--connections", settings.connections, "How many to open")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--at-once", settings.at_once, "How many may be opening at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--active", settings.active, "How many of them speak; 0: all")
      ->capture_default_str();
  app.add_option("--depth", settings.depth, "Messages on their way for each that speaks")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--rate", settings.rate, "Messages in a second, whatever happens; 0: by depth")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--size", settings.size, "Bytes in a message")
      ->check(CLI::Range(1, 65'535))
      ->capture_default_str();
  app.add_option("--users", settings.users, "How many users the server knows")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--flooders", settings.flooders, "Pairs that send without end")
      ->capture_default_str();
}

int run(int argc, char** argv) {
  Settings settings;
  CLI::App app("Puts load on servers over the loopback, and prints what it cost them");
  app.require_subcommand(1);
  app.fallthrough();
  add_options(app, settings);
  const ModeName* chosen = nullptr;
  for (const ModeName& mode : kModes) {
    app.add_subcommand(mode.name, mode.description)->callback([&chosen, &mode] { chosen = &mode; });
  }
  CLI11_PARSE(app, argc, argv);

  constexpr std::size_t kOtherFiles = 16;
  raise_descriptor_limit(settings.connections + settings.at_once + kOtherFiles);
  const JsonObject result = chosen->run(settings);
  std::puts(result.text().c_str());
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace heliograph::bench

int main(int argc, char** argv) {
  try {
    return heliograph::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "heliograph_load: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
