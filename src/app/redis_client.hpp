// A blocking Redis client for the command, on the link that the server has: connects, asks, waits,
// or fails with one line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/poller.hpp"
#include "resp/command.hpp"
#include "server/redis_link.hpp"

namespace heliograph::app {

class RedisClient {
 public:
  // Connects and logs in. Throws Failure.
  explicit RedisClient(const server::RedisOptions& options);

  // The reply, which may be an error, is valid until the next call. Throws Failure if there is
  // none.
  resp::Reply ask(const resp::Command& command);
  // The same, and throws Failure if it is an error.
  resp::Reply command(const resp::Command& command);

  [[nodiscard]] const resp::Client& client() const { return link_.client(); }
  // What TLS has agreed on with one of the servers; null without TLS.
  [[nodiscard]] const tls::Negotiated* negotiated() const;
  // Redis cannot be used, as a Failure.
  [[noreturn]] void fail(std::string_view reason) const;

 private:
  // Throws Failure if there is none until then: a Sentinel may name a master that is gone, which
  // the link tries to reach without end.
  resp::ClientEvent next_event(Milliseconds until);

  std::string where_;
  const Milliseconds patience_;  // with a server that does not come, or does not answer
  net::Poller poller_;
  server::RedisLink link_;
  std::span<const net::Ready> ready_;
  resp::Token last_token_ = 0;
};

}  // namespace heliograph::app
