// Opens many idle wss connections, holds them, and makes a call between two more users.
//
//   heliograph_load --port 9090 --pid PID --connections 10000 --hold 60

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load_connection.hpp"

namespace heliograph::bench {
namespace {

using Clock = std::chrono::steady_clock;

// One source address has about 28,000 ports; each serves this many connections at most.
constexpr std::size_t kConnectionsPerSource = 20'000;
constexpr std::chrono::seconds kPatience{30};

struct Settings {
  std::uint16_t port = 9090;
  std::size_t connections = 10'000;
  std::size_t at_once = 64;
  unsigned hold_seconds = 60;
  pid_t pid = 0;
  std::array<std::string, 2> names = {"user1", "user2"};
  std::array<std::string, 2> passwords = {"password1", "password2"};
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

sockaddr_in loopback(std::uint32_t number, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
  return address;
}

std::optional<double> resident_kibibytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(line.find(':') + 1));
  }
  return std::nullopt;
}

class Load {
 public:
  explicit Load(const Settings& settings)
      : settings_(settings),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        tls_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_verify(tls_.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(tls_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { ::close(epoll_); }

  void run() {
    const auto before = resident_kibibytes(settings_.pid);
    open_idle_connections();
    report_memory(before, "after opening");
    hold();
    report_memory(before, "after holding");
    call();
  }

 private:
  LoadConnection& start_connection() {
    const std::size_t number = connections_.size();
    const auto source = static_cast<std::uint32_t>(number / kConnectionsPerSource);
    connections_.push_back(std::make_unique<LoadConnection>(tls_.get(), loopback(source, 0),
                                                            loopback(0, settings_.port)));
    LoadConnection& connection = *connections_.back();
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &connection}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd(), &event) != 0) {
      throw ConnectionError("the connection cannot be watched");
    }
    return connection;
  }

  // Lets every connection that has something to do go on; returns how many have opened by it.
  std::size_t turn(std::chrono::milliseconds patience) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(patience.count()));
    std::size_t opened = 0;
    for (int i = 0; i < count; ++i) {
      auto& connection =
          *static_cast<LoadConnection*>(events[static_cast<std::size_t>(i)].data.ptr);
      const bool was_open = connection.open();
      connection.advance();
      if (!was_open && connection.open()) ++opened;
    }
    return opened;
  }

  void open_idle_connections() {
    const auto start = Clock::now();
    auto progress = start;
    std::size_t opened = 0;
    while (opened < settings_.connections) {
      while (connections_.size() < settings_.connections &&
             connections_.size() - opened < settings_.at_once) {
        start_connection();
      }
      const std::size_t opened_now = turn(kPatience);
      if (opened_now > 0) progress = Clock::now();
      if (Clock::now() - progress > kPatience)
        throw ConnectionError("no connection opens any more");
      opened += opened_now;
    }
    const double elapsed = seconds_since(start);
    std::printf("%zu connections opened in %.1f s: %.0f per second\n", opened, elapsed,
                static_cast<double>(opened) / elapsed);
  }

  void hold() {
    const auto until = Clock::now() + std::chrono::seconds(settings_.hold_seconds);
    while (Clock::now() < until) {
      turn(std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()));
    }
    std::printf("%zu connections held for %u s\n", connections_.size(), settings_.hold_seconds);
  }

  void report_memory(std::optional<double> before, const char* when) const {
    const auto now = resident_kibibytes(settings_.pid);
    if (!before || !now) return;
    std::printf("server memory %s: %.1f MiB resident, %.2f KiB per connection\n", when, *now / 1024,
                (*now - *before) / static_cast<double>(settings_.connections));
  }

  std::string receive(LoadConnection& connection) {
    const auto until = Clock::now() + kPatience;
    while (!connection.has_message()) {
      if (Clock::now() > until) throw ConnectionError("the server does not answer");
      turn(std::chrono::milliseconds(100));
    }
    return connection.take_message();
  }

  void expect(LoadConnection& connection, std::string_view expected) {
    const std::string message = receive(connection);
    if (message != expected) throw ConnectionError("unexpected message: " + message);
  }

  LoadConnection& log_in(const std::string& name, const std::string& password) {
    LoadConnection& connection = start_connection();
    expect(connection, "Hello from server");
    connection.send_text(R"({"type":"login","name":")" + name + R"(","password":")" + password +
                         R"("})");
    expect(connection, R"({"type":"login","success":true})");
    return connection;
  }

  void call() {
    const auto start = Clock::now();
    LoadConnection& caller = log_in(settings_.names[0], settings_.passwords[0]);
    LoadConnection& callee = log_in(settings_.names[1], settings_.passwords[1]);
    caller.send_text(R"({"type":"offer","offer":1,"name":")" + settings_.names[1] + R"("})");
    expect(callee, R"({"type":"offer","offer":1,"name":")" + settings_.names[0] + R"("})");
    callee.send_text(R"({"type":"answer","answer":2,"name":")" + settings_.names[0] + R"("})");
    expect(caller, R"({"type":"answer","answer":2})");
    caller.send_text(R"({"type":"leave","name":")" + settings_.names[1] + R"("})");
    expect(callee, R"({"type":"leave"})");
    std::printf("two more users logged in, called, answered and hung up in %.1f ms\n",
                seconds_since(start) * 1000);
  }

  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  const Settings& settings_;
  int epoll_;
  std::unique_ptr<SSL_CTX, FreeContext> tls_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
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

int run(int argc, char** argv) {
  Settings settings;
  CLI::App app("Opens idle connections to a heliograph server and measures it");
  app.add_option("--port", settings.port, "Port of the server on 127.0.0.1")->capture_default_str();
  app.add_option("--connections", settings.connections, "How many to open")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--at-once", settings.at_once, "How many may be opening at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--hold", settings.hold_seconds, "Seconds to hold them")->capture_default_str();
  app.add_option("--pid", settings.pid, "Process of the server, to report its memory");
  CLI11_PARSE(app, argc, argv);

  constexpr std::size_t kOtherFiles = 16;
  raise_descriptor_limit(settings.connections + kOtherFiles);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Load(settings).run();
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
