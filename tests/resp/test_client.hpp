// A client over real sockets, for tests: does what client.hpp asks of its owner, and writes down
// what happens.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "resp/client.hpp"
#include "tests/resp/redis_server.hpp"

namespace heliograph::testing {

Milliseconds steady_now();

// As one line: "7 +"OK"", "failed 7 …", "up 127.0.0.1:6379", "message room hello".
std::string to_line(const resp::ClientEvent& event);

class TestClient {
 public:
  explicit TestClient(const std::string& url, const resp::ClientOptions& options = {},
                      std::uint64_t seed = 1);

  resp::Client& client() { return client_; }
  bool command(const resp::Command& command, resp::Token token) {
    return client_.command(command, token, steady_now());
  }
  bool subscribe(resp::ChannelKind kind, std::string_view channel) {
    return client_.subscribe(kind, channel, steady_now());
  }

  // What has happened since the last call.
  std::vector<std::string> take_lines() { return std::exchange(lines_, {}); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] bool has_line(const std::string& line) const;

  // Waits up to `timeout` for what may happen, and lets it.
  void turn(std::chrono::milliseconds timeout = std::chrono::milliseconds(5));

  // Turns until `done()`, or patience ends: then false.
  template <class Done>
  bool run_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!done()) {
      if (std::chrono::steady_clock::now() >= until) return false;
      turn();
    }
    return true;
  }
  bool run_until_up() {
    return run_until([this] { return client_.up(); });
  }
  bool run_until_line(const std::string& line) {
    return run_until([&] { return has_line(line); });
  }
  // The line of the answer to a command of its own; empty if there is none.
  std::string ask(const resp::Command& command);

 private:
  static constexpr std::chrono::seconds kPatience{20};

  struct Transport {
    std::optional<TestSocket> socket;
    Buffer received;
  };

  void drain();
  void grant(const resp::Wish& wish);
  void read(resp::LinkId link);

  resp::Client client_;
  std::vector<Transport> transports_;
  std::vector<std::string> lines_;
  resp::Token next_token_ = 1'000'000'000;
};

}  // namespace heliograph::testing
