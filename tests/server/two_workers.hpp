// Workers on threads of their own, each with a listener of its own: so it is no chance which of
// them a client is connected to. And their clients, which speak heliograph.v1 without TLS.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/endpoint.hpp"
#include "net/file_descriptor.hpp"
#include "net/poller.hpp"
#include "server/worker.hpp"
#include "ws/connection.hpp"

namespace heliograph::server::test {

class TwoWorkers {
 public:
  static constexpr std::uint32_t kCount = 2;
  // Less than it takes to be pinged.
  static constexpr Milliseconds kPatience = 10'000;

  using Run = std::function<void(std::uint32_t number, Worker& worker)>;

  // On each thread, `run` calls run() of its worker.
  explicit TwoWorkers(const Run& run = [](std::uint32_t /*number*/, Worker& w) { w.run(); });
  ~TwoWorkers();

  [[nodiscard]] const net::Endpoint& endpoint(std::uint32_t worker) const {
    return endpoints_[worker];
  }
  void post(std::uint32_t worker, Letter letter);
  // Counts that the throttle keeps.
  std::size_t throttled();
  // They end by themselves, or the test hangs.
  void wait_for_the_end() { threads_.clear(); }
  // Users at home at this worker.
  static std::vector<std::string> names_of(std::uint32_t worker);

 private:
  Options options_;
  Worker::Node node_;
  std::vector<net::Endpoint> endpoints_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::jthread> threads_;
};

class WorkerClient {
 public:
  explicit WorkerClient(const net::Endpoint& server);

  void say(std::string_view message);
  // The next message; "closed by CODE" behind the last; "" if none comes.
  std::string hear();
  std::string ask(std::string_view message);
  std::string log_in(std::string_view name);

 private:
  // Room for all that is said in a test.
  void send(std::string_view text);
  // Whether there is input, for which it waits.
  bool more();

  static constexpr std::size_t kBlock = 4096;
  net::FileDescriptor socket_;
  net::Poller poller_;
  ws::Limits limits_;
  ws::Connection ws_{ws::Role::kClient, limits_};
  std::array<std::uint8_t, kBlock> block_{};
  MutableBytes input_;
};

}  // namespace heliograph::server::test
