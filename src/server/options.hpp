// What the server is told at start: checked, loaded, and the same for all workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "server/admin_address.hpp"
#include "server/limits.hpp"
#include "server/redis_link.hpp"
#include "signal/session.hpp"
#include "signal/ticket.hpp"
#include "signal/turn.hpp"
#include "signal/users_file.hpp"
#include "tls/server_config.hpp"
#include "ws/connection.hpp"
#include "ws/deflate_budget.hpp"
#include "ws/origin.hpp"

namespace heliograph::server {

// What permessage-deflate may cost for all clients together, so that clients that ask for it and
// stay cannot fill the memory with it; beyond, it is declined.
inline constexpr std::size_t kDeflateBudget = std::size_t{64} * 1024 * 1024;

enum class Demo : std::uint8_t { kOff, kOn };

// What every client's stack of machines shares.
struct ChannelOptions {
  ws::Limits limits;
  ws::OriginPolicy origin = ws::OriginPolicy::any();
  // Silence is broken by a ping after ping_interval; after idle_timeout without a byte the client
  // counts as gone.
  Milliseconds ping_interval = 25'000;
  Milliseconds idle_timeout = 60'000;
  // permessage-deflate is agreed on if this is there and not spent. Its streams are shared by all
  // clients of a loop, and no message is compressed with the help of one before it, so that a
  // client costs next to nothing while it is silent.
  std::shared_ptr<ws::DeflateBudget> deflate_budget;
  Demo demo = Demo::kOff;
};

// Bytes that wait for one client to read them.
struct WaterMarks {
  // Above it nothing more is read from the client, so that it cannot make the server speak; until
  // at most `resume_at` are left, so that reading does not go on and off with every byte.
  std::size_t pause_above = std::size_t{64} * 1024;
  std::size_t resume_at = std::size_t{16} * 1024;
  // Above it the client is closed: who relays to a client that does not read must not fill our
  // memory. kUnbounded is for servers that speak only when they are spoken to.
  std::size_t close_above = std::size_t{256} * 1024;

  static constexpr std::size_t kUnbounded = SIZE_MAX;
};

// What may change while the server runs. It is replaced as a whole: what is new counts from then
// on, the configuration of TLS and of channels for connections that begin later.
struct Reloadable {
  // Without tickets in it, the server makes the keys itself and rotates them.
  std::shared_ptr<const tls::ServerConfig> tls;
  // Null if users are in Redis.
  std::shared_ptr<const signal::UsersFile> users;
  // Of tickets that let users in without a password; null: there are none.
  std::shared_ptr<const signal::LoginKeys> login_keys;
  // What clients are told to use for ICE; null: nothing.
  std::shared_ptr<const signal::IceServers> ice;
  Limits limits;
  // Of it, deflate_budget and demo stay what they were at the start.
  ChannelOptions channel;
  // Over so long clients are told to go when the server is asked to end.
  Milliseconds drain_time = 5'000;
};

struct Options : Reloadable {
  net::ListenAddress listen{.host = {}, .port = 9090};
  // Called on the main thread on SIGHUP. Throws a std::exception that says what is wrong; then what
  // there was goes on to count.
  std::function<Reloadable()> reload;
  std::size_t workers = 1;
  std::optional<AdminAddress> admin;
  signal::Settings signal;
  // An open WebSocket that has not logged in is closed after this. Long, since the tutorial's page
  // connects when it loads and then waits for somebody to type.
  Milliseconds login_timeout = 3'600'000;
  // Where names and passwords are, if not in the users file.
  std::optional<RedisOptions> redis;
  std::string redis_prefix;
  // Not empty: a user's key holds a hash, with the password in this field.
  std::string redis_field;
  // A password that Redis has in the clear, or as a weak hash, is replaced by a hash when its user
  // logs in.
  bool rehash = false;
};

}  // namespace heliograph::server
