// One attempt to reach a Redis server, and the connection that comes of it: by TCP, by TLS over
// TCP, or by a unix socket.
//
//   kResolving ──▶ kConnecting ──▶ kHandshake ──▶ kOpen
//      names          each          TLS only
//      only         address
//
// Verbs say what has come of them; after an error nothing more happens, and the transport is to be
// thrown away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"
#include "net/file_descriptor.hpp"
#include "net/poller.hpp"
#include "resp/client.hpp"
#include "tls/client.hpp"

namespace heliograph::server {

// How rediss:// is spoken.
struct RedisTls {
  std::shared_ptr<const tls::ClientConfig> config = {};
  // Whom the certificates must be for; empty: the host of each server, by name or address.
  std::string server_name = {};
};

// Why there is no connection.
struct RedisLoss {
  enum class Kind : std::uint8_t {
    kNoHost,       // the name has no address
    kUnreachable,  // no address took the connection, or it broke
    kDisbelieved,  // the certificate is not to be believed
    kTls,          // the handshake failed otherwise
  };
  Kind kind = Kind::kUnreachable;
  std::string text = {};  // one line
};

class RedisTransport {
 public:
  enum class Progress : std::uint8_t {
    kNothing,
    kOpened,  // plaintext can be written
    kData,    // in data()
  };
  using Outcome = Result<Progress, RedisLoss>;

  // `attempt` numbers the attempts of one link: each begins with another address. `session`, from
  // take_session() of an earlier transport, is resumed if the server agrees. `tls` and `poller`
  // must outlive the transport.
  RedisTransport(resp::Target target, const RedisTls& tls, net::Poller& poller,
                 net::PollToken token, std::size_t attempt,
                 std::shared_ptr<const tls::ClientSession> session);
  ~RedisTransport();
  RedisTransport(const RedisTransport&) = delete;
  RedisTransport& operator=(const RedisTransport&) = delete;

  // Connects, unless the name of the host has to be looked up first.
  Outcome start();
  [[nodiscard]] bool resolving() const { return state_ == State::kResolving; }
  Outcome resolved(std::vector<net::Endpoint> endpoints, const std::string& error);

  // Reads at most once, into `block`. Then next() is called until it says kNothing; `block` must
  // stay as it is until then.
  Outcome on_ready(const net::Ready& ready, MutableBytes block);
  Outcome next();
  // Views the block or the TLS machine; valid until the next call.
  [[nodiscard]] MutableBytes data() const { return data_; }

  // Sends what the kernel takes of `plaintext`, in one write, and watches for room for the rest.
  void flush(Buffer& plaintext);
  [[nodiscard]] bool open() const { return state_ == State::kOpen; }

  [[nodiscard]] const resp::Target& target() const { return target_; }
  [[nodiscard]] net::PollToken token() const { return token_; }
  // Null without TLS, and before the handshake is complete.
  [[nodiscard]] const tls::Negotiated* negotiated() const;
  // The newest; null if there is none.
  [[nodiscard]] std::shared_ptr<const tls::ClientSession> take_session() {
    return std::move(new_session_);
  }

 private:
  enum class State : std::uint8_t { kResolving, kConnecting, kHandshake, kOpen };

  Outcome connect_next(std::string reason);
  Outcome connected();
  Outcome next_record();
  Outcome fail_tls(tls::Error error);
  void write(Buffer& bytes);
  void watch(net::Interest wanted);
  void close_socket();

  const resp::Target target_;
  const RedisTls& tls_;
  net::Poller& poller_;
  const net::PollToken token_;
  const std::size_t attempt_;
  std::shared_ptr<const tls::ClientSession> session_;      // to resume
  std::shared_ptr<const tls::ClientSession> new_session_;  // for the next transport
  State state_ = State::kResolving;
  std::vector<net::Endpoint> endpoints_;
  std::size_t tried_ = 0;
  net::FileDescriptor socket_;
  net::Interest interest_;
  std::optional<tls::ClientConnection> machine_;
  Buffer wire_;  // TLS records to be sent
  MutableBytes input_;
  MutableBytes data_;
  bool input_ended_ = false;
  bool output_failed_ = false;
};

}  // namespace heliograph::server
