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
#include "resp/url.hpp"
#include "signal/session.hpp"
#include "signal/users_file.hpp"
#include "tls/server_config.hpp"
#include "ws/connection.hpp"
#include "ws/origin.hpp"

namespace heliograph::server {

enum class Demo : std::uint8_t { kOff, kOn };

// What every client's stack of machines shares.
struct ChannelOptions {
  ws::Limits limits;
  ws::OriginPolicy origin = ws::OriginPolicy::any();
  // Silence is broken by a ping after ping_interval; after idle_timeout without a byte the client
  // counts as gone.
  Milliseconds ping_interval = 25'000;
  Milliseconds idle_timeout = 60'000;
  Demo demo = Demo::kOff;
};

struct Options {
  net::ListenAddress listen{.host = {}, .port = 9090};
  // Without tickets in it, the server makes the keys itself and rotates them.
  std::shared_ptr<const tls::ServerConfig> tls;
  // Called on the main thread when the files may have changed. Throws a std::exception that says
  // what is wrong; then what was loaded before goes on to count.
  std::function<std::shared_ptr<const tls::ServerConfig>()> reload_tls;
  std::size_t workers = 1;
  ChannelOptions channel;
  signal::Settings signal;
  // An open WebSocket that has not logged in is closed after this. Long, since the tutorial's page
  // connects when it loads and then waits for somebody to type.
  Milliseconds login_timeout = 3'600'000;
  // Where names and passwords are: Redis if set, else the users.
  std::optional<resp::Url> redis;
  std::string redis_prefix;
  std::shared_ptr<const signal::UsersFile> users;
};

}  // namespace heliograph::server
