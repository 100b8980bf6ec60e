// A connection to Redis, whatever that is: one server, a master that Sentinels know, or a Cluster.
// The client machine says which servers it wants to talk to; here are the sockets, TLS, and the
// addresses.
//
//   owner ──▶ command(), subscribe() ──▶ resp::Client ──▶ output ──▶ flush() ──▶ transports
//   owner ◀── next() ◀──────────────────      │ wishes      input ◀── on_ready() ◀──┘
//   owner ──▶ resolved() ◀── next_lookup() ◀──┘
//
// After on_ready(), on_timer() and resolved() the owner drains next(), which does the work, and
// next_lookup(). At the end of a turn it calls flush(): what the turn has asked of one server
// leaves in one write.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "net/poller.hpp"
#include "resp/client.hpp"
#include "server/redis_transport.hpp"

namespace heliograph::server {

struct RedisOptions {
  resp::Url url = {};
  resp::ClientOptions client = {};
  RedisTls tls = {};
};

class RedisLink {
 public:
  // A name to be looked up; the answer goes to resolved() with the same id, be it wanted still or
  // not: until then no other look-up of the same host comes, or names that hang would pile up.
  struct Lookup {
    net::PollToken id = 0;
    std::string host;
    std::uint16_t port = 0;
  };

  // Descriptors are watched under tokens from `first_token` on, below 2^32.
  RedisLink(RedisOptions options, net::Poller& poller, net::PollToken first_token,
            std::uint64_t seed);

  // As those of resp::Client.
  [[nodiscard]] bool command(const resp::Command& command, resp::Token token, Milliseconds now) {
    return client_.command(command, token, now);
  }
  void cancel(resp::Token token) { client_.cancel(token); }
  [[nodiscard]] bool subscribe(resp::ChannelKind kind, std::string_view channel, Milliseconds now) {
    return client_.subscribe(kind, channel, now);
  }
  void unsubscribe(resp::ChannelKind kind, std::string_view channel, Milliseconds now) {
    client_.unsubscribe(kind, channel, now);
  }

  void on_ready(const net::Ready& ready);
  void on_timer(Milliseconds now);
  // Views in the event are valid until the next call of anything.
  std::optional<resp::ClientEvent> next(Milliseconds now);
  std::optional<Lookup> next_lookup();
  // Empty `endpoints`: there are none, `error` says why.
  void resolved(net::PollToken id, std::vector<net::Endpoint> endpoints, const std::string& error);
  void flush();
  [[nodiscard]] Milliseconds deadline() const;

  [[nodiscard]] const resp::Client& client() const { return client_; }
  // Why a connection was lost or not made last; nothing if none was.
  [[nodiscard]] const std::optional<RedisLoss>& last_loss() const { return last_loss_; }
  // What TLS has agreed on with the server that link `id` leads to; null without TLS.
  [[nodiscard]] const tls::Negotiated* negotiated(resp::LinkId id) const;

 private:
  struct Link {
    std::unique_ptr<RedisTransport> transport;
    std::size_t attempts = 0;
    std::shared_ptr<const tls::ClientSession> session;  // for the next attempt, and only that
  };
  // What a transport has come to, to be told to the client.
  struct Outcome {
    resp::LinkId link = 0;
    RedisTransport::Outcome outcome;
  };

  [[nodiscard]] std::optional<resp::LinkId> find(net::PollToken token) const;
  void grant(const resp::Wish& wish);
  void note(resp::LinkId id, RedisTransport::Outcome outcome);
  void tell(const Outcome& outcome, Milliseconds now);
  void close(resp::LinkId id);

  static constexpr std::size_t kReadSize = 16 * 1024;

  const RedisOptions options_;
  net::Poller& poller_;
  const net::PollToken first_token_;
  std::uint32_t last_token_ = 0;
  resp::Client client_;
  std::vector<Link> links_;
  std::deque<Lookup> lookups_;     // that wait for next_lookup()
  std::vector<Lookup> under_way_;  // by host at most one
  std::deque<Outcome> outcomes_;
  std::optional<RedisLoss> last_loss_;
  // The link whose input is in block_, and what of it is for the client.
  std::optional<resp::LinkId> reading_;
  MutableBytes data_;
  std::array<std::uint8_t, kReadSize> block_{};
};

}  // namespace heliograph::server
