// A TLS client for the command: a server on one side, standard input on the other, and somebody who
// waits for either.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/server_url.hpp"
#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "net/file_descriptor.hpp"
#include "net/poller.hpp"
#include "tls/client.hpp"

namespace heliograph::app {

struct Incoming {
  enum class Kind : std::uint8_t {
    kData,    // from the server
    kTyped,   // from standard input; no bytes: it has ended
    kClosed,  // the server has said close_notify
  };
  Kind kind;
  MutableBytes data;  // valid until the next call
};

// Whether standard input is listened to. Where it is, nobody is in a hurry; else the server has to
// say something within kAnswerTimeout.
enum class Typing : std::uint8_t { kIgnored, kAwaited };

class TlsClient {
 public:
  // Connects and completes the handshake. Throws Failure.
  TlsClient(const ServerUrl& url, const tls::ServerName& name,
            std::shared_ptr<const tls::ClientConfig> config);

  [[nodiscard]] const tls::Negotiated& negotiated() const { return machine_.negotiated(); }

  // What is sent leaves with the next wait().
  void send(Bytes plaintext) { machine_.send({&plaintext, 1}, output_); }
  // Says close_notify, at once; the server may still have something to say.
  void close();
  // Throws Failure if the server breaks the protocol, or hangs up without close_notify.
  Incoming wait(Typing typing);

  // What is wrong with the server, as a Failure.
  [[noreturn]] void fail(int status, std::string_view reason) const;

 private:
  std::optional<tls::Event> next_event();
  std::optional<Incoming> exchange(Typing typing);
  void write_output();
  void read_input();
  Incoming read_typed();
  void watch_typed(bool watched);
  [[noreturn]] void fail(tls::Error error);

  std::string where_;
  net::FileDescriptor socket_;
  net::Poller poller_;
  tls::ClientConnection machine_;
  Buffer output_;
  std::array<std::uint8_t, std::size_t{16} * 1024> block_{};
  MutableBytes input_;
  std::array<std::uint8_t, 4096> typed_{};
  bool typed_ended_ = false;
  bool typed_watched_ = false;
  // A regular file can always be read, and cannot be polled.
  bool typed_is_file_ = false;
};

}  // namespace heliograph::app
