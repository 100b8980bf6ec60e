// A loop that serves wss over loopback, and its clients, in one thread: what the loop allocates is
// counted, what the clients allocate is not.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "net/file_descriptor.hpp"
#include "server/client_loop.hpp"
#include "tests/base/heap_meter.hpp"
#include "tls/client.hpp"
#include "ws/connection.hpp"

namespace heliograph::server::test {

class WssLoop {
 public:
  explicit WssLoop(const Limits& limits = Limits::none());

  // Lets the loop do what can be done at once.
  void turn();

  // What the owner does with an event, besides accepting everybody. Counts as the loop's.
  std::function<void(const ClientLoop::Event&)> on_event = [](const ClientLoop::Event&) {};

  HeapMeter meter;
  std::unique_ptr<ClientLoop> loop;
  net::Endpoint address;

 private:
  ChannelOptions options_;
};

class WssClient {
 public:
  // Has its WebSocket open when it is made. `subprotocol` may be empty.
  explicit WssClient(WssLoop& loop, std::string_view subprotocol = {});

  void say(std::string_view text);
  // Keeps back the end of the record.
  void say_half(std::string_view text);
  // Lets the loop run until a message has come. Valid until the next call.
  std::string_view hear();

 private:
  void write(std::size_t keep_back = 0);
  // Receives until `done` says so, which is given all that has been decrypted.
  void receive_until(const std::function<bool()>& done);

  WssLoop& loop_;
  net::FileDescriptor socket_;
  tls::ClientConnection tls_;
  ws::Limits limits_;
  ws::Connection ws_{ws::Role::kClient, limits_};
  Buffer output_;
  Buffer plaintext_;  // of the server, that was not read yet
  std::string heard_;
};

}  // namespace heliograph::server::test
