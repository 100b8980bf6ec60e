// A blocking Redis client for the command: connects, asks, waits, or fails with one line.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "net/file_descriptor.hpp"
#include "net/poller.hpp"
#include "resp/connection.hpp"
#include "resp/url.hpp"

namespace heliograph::app {

class RedisClient {
 public:
  // Connects and logs in. Throws Failure.
  explicit RedisClient(const resp::Url& url);

  // The reply is valid until the next call. Throws Failure if there is none, or if it is an error.
  resp::Reply command(std::initializer_list<std::string_view> arguments);

 private:
  void connect(const resp::Url& url);
  resp::Event next_event();
  void send_output();
  void read_input();
  void wait(net::Interest interest);
  [[noreturn]] void fail(std::string_view reason) const;

  std::string where_;
  resp::Connection machine_;
  net::Poller poller_;
  net::FileDescriptor socket_;
  Buffer output_;
  std::array<std::uint8_t, 16 * 1024> block_{};
  MutableBytes input_;
  resp::Token last_token_ = 0;
};

}  // namespace heliograph::app
