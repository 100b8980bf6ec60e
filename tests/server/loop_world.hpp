// A loop that echoes, and the world around it: clients on a virtual kernel that open a WebSocket,
// say what they have to say, listen, and close.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/client_loop.hpp"
#include "tests/net/virtual_kernel.hpp"
#include "ws/connection.hpp"

namespace heliograph::server::test {

// One client, without TLS.
class Peer {
 public:
  Peer(net::test::VirtualKernel& kernel, int number);

  // What it says, one unit behind the other; nothing else may come between the bytes of a unit.
  void say(std::string unit) { units_.push_back(std::move(unit)); }
  void say_message(ws::Opcode opcode, std::string_view payload);
  void say_close();

  // Sends up to `size` bytes of what is to be said. False if there is nothing.
  bool send(std::size_t size);
  // Takes up to `size` bytes of what has come. False if there is nothing.
  bool read(std::size_t size);
  // Sends the end when everything was said, and the server has ended its half.
  bool finish();

  [[nodiscard]] net::test::VirtualKernel::Socket& socket() { return kernel_.socket(number_); }
  [[nodiscard]] const std::vector<std::string>& said() const { return said_; }
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }
  [[nodiscard]] std::size_t pings() const { return pings_; }
  [[nodiscard]] bool opened() const { return opened_; }
  // With what the server closed; kAbnormal while it has not.
  [[nodiscard]] ws::CloseCode close_code() const { return close_code_; }

  bool answers_pings = true;
  bool makes_sense = true;  // said nothing but what the protocol allows

 private:
  void take(MutableBytes bytes);

  net::test::VirtualKernel& kernel_;
  int number_;
  std::deque<std::string> units_;
  std::size_t unit_sent_ = 0;  // of the first unit
  std::string head_;           // the response, until it is complete
  ws::Limits limits_{.max_message = 1 << 24};
  ws::Connection socket_{ws::Role::kClient, limits_};
  std::vector<std::string> said_;
  std::vector<std::string> heard_;
  std::size_t pings_ = 0;
  ws::CloseCode close_code_ = ws::CloseCode::kAbnormal;
  bool opened_ = false;
};

class EchoWorld {
 public:
  explicit EchoWorld(const WaterMarks& marks = {.close_above = WaterMarks::kUnbounded},
                     ChannelOptions channel = {}, const Limits& limits = Limits::none(),
                     std::shared_ptr<const tls::ServerConfig> tls = nullptr);

  // From this IPv4 address.
  Peer& add_peer(std::uint32_t address = net::test::VirtualKernel::kLoopback);
  [[nodiscard]] std::vector<std::unique_ptr<Peer>>& peers() { return peers_; }

  // Lets the loop run, and calls `move` whenever it has nothing to do, until that returns false and
  // the loop sleeps for ever, or for longer than `patience`.
  void run(const std::function<bool()>& move, Milliseconds patience = 0);
  // Every peer goes on as fast as it can; true if one could.
  bool move_all(std::size_t portion = SIZE_MAX);
  // Until the loop sleeps for ever: every client has gone by then, whatever it did.
  void run_to_the_end();

  // Whether upgrades are accepted at once. Those that wait for an answer are not read from, and are
  // no reason for complaints.
  bool accepts = true;
  std::vector<SlotId> undecided;
  // What the owner of the loop does with an event, besides echoing messages.
  std::function<void(const ClientLoop::Event&)> on_event = [](const ClientLoop::Event&) {};

  // Whether the loop may leave clients unread who send too fast.
  bool slows_down = false;

  net::test::VirtualKernel kernel;
  ChannelOptions options;
  ClientLoop::Counts counts;
  std::unique_ptr<ClientLoop> loop;
  // Rules that the events broke, and complaints of the kernel; "" if there are none.
  std::string problem;
  std::size_t closed = 0;

 private:
  void check(const ClientLoop::Event& event);

  enum class Life : std::uint8_t { kUnknown, kOpen, kClosed };
  std::map<SlotId, Life> lives_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

// A masked frame as a client sends it; the mask is zero.
std::string client_frame(ws::Opcode opcode, std::string_view payload, bool final = true);

}  // namespace heliograph::server::test
