// The TLS endpoint of one connection, made from its record of the configuration. What differs
// between the roles ends here: the exchange knows a Connection, and asks an Endpoint for what only
// one role can do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "tests/bogo/arguments.hpp"
#include "tls/client.hpp"
#include "tls/connection.hpp"
#include "tls/early_data.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"

namespace heliograph::bogo {

// What the connections of a run share.
struct Memory {
  // Milliseconds since 1970. Stands still while a connection lasts.
  std::int64_t now;
  // Of a server.
  std::shared_ptr<const tls::TicketSealer> tickets;
  std::shared_ptr<tls::ReplayGuard> replay_guard;
  // Of a client: what the latest ticket resumes.
  std::shared_ptr<const tls::ClientSession> session;
};

// At the time of the runner's clock, with fresh ticket keys.
Memory make_memory();

class Endpoint {
 public:
  // A client resumes the session in `memory`, if there is one, and leaves there what it gets.
  // `retry` says whom it believes if the test wants early data to be rejected. Throws Unimplemented
  // if the library has no use for a key of this kind.
  Endpoint(const Settings& settings, const Settings& retry, Memory& memory);

  [[nodiscard]] tls::Connection& connection() { return *connection_; }
  [[nodiscard]] const tls::Connection& connection() const { return *connection_; }

  // A client speaks first.
  void start(Buffer& output);
  [[nodiscard]] std::size_t early_data_room() const;
  void send_early_data(Bytes data, Buffer& output);
  // Stores the latest of the sessions that have arrived.
  void keep_session();
  // Whether one has arrived, and whether early data may go with it.
  [[nodiscard]] bool has_session() const { return has_session_; }
  [[nodiscard]] bool session_takes_early_data() const;

 private:
  Memory& memory_;
  std::unique_ptr<tls::Connection> connection_;
  // The same; null in a server.
  tls::ClientConnection* client_ = nullptr;
  bool has_session_ = false;
};

}  // namespace heliograph::bogo
