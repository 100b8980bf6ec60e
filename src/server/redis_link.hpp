// One worker's connection to Redis: the RESP machine, its socket, and where the server is.
//
//   name look-up (in the work pool)  ──▶  connect  ──▶  resp::Connection  ──▶  answers
//
// The worker calls on_ready() and on_timer(), then takes the answers. Everything that was asked in
// one turn leaves in one write, by flush().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "net/poller.hpp"
#include "resp/connection.hpp"
#include "resp/url.hpp"

namespace heliograph::server {

class RedisLink {
 public:
  struct Answer {
    enum class Kind : std::uint8_t {
      kValue,    // `value` is what the key holds
      kMissing,  // there is no such key
      kFailed,   // Redis is away, too slow, or the key holds something else
    };
    resp::Token token = 0;
    Kind kind = Kind::kFailed;
    std::string value;
  };

  // What the worker should do for the link.
  enum class Wish : std::uint8_t { kNothing, kResolve };

  RedisLink(const resp::Url& url, net::Poller& poller, net::PollToken token, std::uint64_t seed);

  // Asks for the string under `key`. False if it cannot be asked now; no answer comes then.
  [[nodiscard]] bool get(std::string_view key, resp::Token token, Milliseconds now);

  void on_ready(const net::Ready& ready, Milliseconds now);
  // kResolve: look up host_name() and port(), then call resolved().
  [[nodiscard]] Wish on_timer(Milliseconds now);
  void resolved(std::vector<net::Endpoint> endpoints, const std::string& error, Milliseconds now);
  [[nodiscard]] Milliseconds deadline() const { return machine_.deadline(); }
  void flush(Milliseconds now);

  // The answers since the last call are swapped into `taken`, which must be empty.
  void take_answers(std::vector<Answer>& taken) { answers_.swap(taken); }

  [[nodiscard]] bool up() const { return machine_.ready(); }
  [[nodiscard]] const std::string& host_name() const { return url_.host; }
  [[nodiscard]] std::uint16_t port() const { return url_.port; }

 private:
  void connect_next(Milliseconds now);
  void finish_connecting(Milliseconds now);
  void read(Milliseconds now);
  void handle(const resp::Event& event);
  void collect_failures();
  void drop(std::string_view reason, Milliseconds now);
  void update_interest(Milliseconds now);

  resp::Url url_;
  net::Poller& poller_;
  net::PollToken token_;
  resp::Connection machine_;
  std::vector<net::Endpoint> endpoints_;
  std::size_t next_endpoint_ = 0;
  net::FileDescriptor socket_;
  bool resolving_ = false;
  bool connecting_ = false;
  bool announced_down_ = false;
  net::Interest interest_;
  Buffer output_;
  std::vector<Answer> answers_;
};

}  // namespace heliograph::server
