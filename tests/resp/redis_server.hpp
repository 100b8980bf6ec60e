// A real redis-server for tests: started on a unix socket, and on request on a port of 127.0.0.1,
// in a temporary directory that goes away with it. And a blocking socket to talk to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/buffer.hpp"
#include "base/bytes.hpp"

namespace heliograph::testing {

// A port of 127.0.0.1 that is given to nobody else, neither to a server nor to a connection: a
// socket of ours is bound to it. Beside that, a server may listen that sets SO_REUSEADDR, as Redis
// does.
class HeldPort {
 public:
  HeldPort();
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  ~HeldPort();

  [[nodiscard]] std::uint16_t number() const { return number_; }

 private:
  int fd_ = -1;
  std::uint16_t number_ = 0;
};

class RedisServer {
 public:
  struct Settings {
    bool tcp = false;                     // also listen on a free port
    std::vector<std::string> lines = {};  // of redis.conf, e.g. "requirepass secret"
    bool sentinel = false;                // run as a Sentinel
  };

  // Whether there is a redis-server in PATH; tests skip themselves otherwise.
  static bool installed();

  // Starts the server and waits until it accepts connections; throws if it does not.
  explicit RedisServer(Settings settings);
  RedisServer() : RedisServer(Settings{}) {}
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

  [[nodiscard]] const std::string& socket_path() const { return socket_path_; }
  // 0 unless it listens on a port. A restarted server has the same one.
  [[nodiscard]] std::uint16_t port() const { return port_ ? port_->number() : 0; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  // redis:// if it listens on a port, otherwise unix:.
  [[nodiscard]] std::string url() const;

  void start();
  void stop();    // SIGTERM, and wait
  void kill();    // SIGKILL, and wait
  void freeze();  // SIGSTOP: connections are accepted by the kernel and never answered
  void thaw();    // SIGCONT
  void restart() {
    stop();
    start();
  }

 private:
  void end_with(int signal);
  void wait_until_it_accepts();

  Settings settings_;
  std::string directory_;
  std::string socket_path_;
  std::optional<HeldPort> port_;
  pid_t pid_ = 0;
};

// A stream socket.
class TestSocket {
 public:
  // To a unix path, or to a port of 127.0.0.1.
  static std::optional<TestSocket> connect(const std::string& path);
  static std::optional<TestSocket> connect(std::uint16_t port);

  TestSocket(TestSocket&& other) noexcept;
  TestSocket& operator=(TestSocket&& other) noexcept;
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;
  ~TestSocket();

  // False: the connection is gone.
  bool send(Bytes bytes);
  // Appends what comes within `timeout`, at most once. False: the connection is gone.
  bool receive(Buffer& buffer, std::chrono::milliseconds timeout);
  // The same without waiting; what could not be sent stays in `buffer`.
  bool send_some(Buffer& buffer);
  [[nodiscard]] int descriptor() const { return fd_; }

 private:
  explicit TestSocket(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace heliograph::testing
