// One WebSocket connection of the load: just enough of the protocol to open, to answer pings, to
// exchange messages of less than 64 KiB and to close.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "load/stream.hpp"

namespace heliograph::bench {

class Connection;

// Who is told what happens to connections. May send on them.
class Receiver {
 public:
  Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  virtual ~Receiver() = default;

  virtual void on_open(Connection& connection) = 0;
  virtual void on_message(Connection& connection, std::string_view message) = 0;
  // The end of the server's bytes; by default nobody expects it.
  virtual void on_end(Connection& connection);
};

// A text message as a client's frame.
std::string text_frame(std::string_view message);

class Connection {
 public:
  // `number` is the owner's. See Stream.
  Connection(std::size_t number, SSL_CTX* tls, SSL_SESSION* session, const sockaddr_in& source,
             const sockaddr_in& server);

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] int fd() const { return stream_.fd(); }
  [[nodiscard]] bool open() const { return state_ == State::kOpen; }
  [[nodiscard]] bool ended() const { return state_ == State::kEnded; }
  // What the poller shall tell.
  [[nodiscard]] bool wants_room() const { return wants_room_; }
  [[nodiscard]] std::size_t waiting() const { return stream_.waiting(); }

  // Goes as far as the socket allows. Call whenever it has become readable or writable.
  void advance(Receiver& receiver);
  // Sends what text_frame() made, when flushed.
  void send(std::string_view frame) { stream_.write(frame); }
  void flush() { wants_room_ = !stream_.flush(); }
  // Says goodbye; the end of the connection comes from the server.
  void close();

 private:
  enum class State : std::uint8_t { kConnecting, kUpgrading, kOpen, kClosing, kEnded };

  void read(Receiver& receiver);
  void take(std::string_view bytes, Receiver& receiver);
  bool take_response(std::string_view& bytes);
  bool take_frame(std::string_view& bytes, Receiver& receiver);
  void on_frame(std::uint8_t opcode, std::string_view payload, Receiver& receiver);

  Stream stream_;
  std::size_t number_;
  State state_ = State::kConnecting;
  bool wants_room_ = true;
  std::string rest_;  // part of a frame
};

}  // namespace heliograph::bench
