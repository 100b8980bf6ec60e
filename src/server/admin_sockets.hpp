// A small HTTP/1.1 server over plain sockets, for few and trusted clients: one request at a time on
// each connection, no bodies, every wait with an end.
//
//   owner ◀── on_ready(): a request ◀── poller
//   owner ──▶ respond(), now or later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/buffer.hpp"
#include "base/time.hpp"
#include "http/parser.hpp"
#include "http/response.hpp"
#include "net/file_descriptor.hpp"
#include "net/listener.hpp"
#include "net/poller.hpp"
#include "server/slots.hpp"

namespace heliograph::server {

// Whoever can connect could otherwise take all descriptors of the server.
inline constexpr std::size_t kMaxAdminConnections = 32;
// From the connection, or the last response, to the whole head, and from there until the response
// has left: not renewed by bytes, so that nobody keeps a place with one byte a second.
inline constexpr Milliseconds kAdminDeadline = 10'000;

class AdminSockets {
 public:
  struct Request {
    SlotId connection = 0;
    http::RequestHead head;  // valid until the next call
  };

  // The listener is watched under `listener_token`, connections under their ids, which are not
  // below 2^32. Both must outlive this. Throws std::system_error.
  AdminSockets(const net::Listener& listener, net::Poller& poller, net::PollToken listener_token);

  std::optional<Request> on_ready(const net::Ready& ready, Milliseconds now);
  // Does nothing for a connection that is gone. A field that cannot stand in a head is an error of
  // ours, and answered by 500.
  void respond(SlotId id, int status, std::span<const http::Field> fields, std::string_view body,
               Milliseconds now);

  void on_timer(Milliseconds now);
  [[nodiscard]] Milliseconds deadline() const;

 private:
  //  kReading ──▶ kAnswering ──▶ kWriting ──▶ kReading, or kLingering until the client closes too
  enum class State : std::uint8_t { kReading, kAnswering, kWriting, kLingering };

  struct Connection {
    Connection(net::FileDescriptor descriptor, Milliseconds until)
        : socket(std::move(descriptor)), deadline(until) {}

    net::FileDescriptor socket;
    http::RequestParser parser;
    Buffer output;
    Milliseconds deadline;
    State state = State::kReading;
    bool keep_alive = true;
    http::Body body = http::Body::kSent;
  };

  void accept_clients(Milliseconds now);
  std::optional<Request> read(SlotId id, Connection& connection, Milliseconds now);
  void refuse(SlotId id, Connection& connection, int status, std::string_view line,
              Milliseconds now);
  void write(SlotId id, Connection& connection, Milliseconds now);
  void watch(SlotId id, Connection& connection);
  void close(SlotId id, Connection& connection);

  static constexpr std::size_t kReadSize = http::kMaxHeadSize;

  const net::Listener& listener_;
  net::Poller& poller_;
  const net::PollToken listener_token_;
  Milliseconds accept_again_at_ = kNever;
  Slots<Connection> connections_;
  std::array<std::uint8_t, kReadSize> block_{};
};

}  // namespace heliograph::server
