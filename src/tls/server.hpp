// The server side of a TLS 1.3 connection (RFC 9846), as a machine without I/O.
//
//   input ──▶ receive() ──▶ Event: handshake complete, data, close_notify; or need more; or Error
//                  └──▶ output: flights, alerts        send(), close() ──▶ output
//
// receive() decrypts in place: the data of an Event lies in the caller's input (or in the
// machine's spill, when a record arrived in pieces) and is valid until the next call. When an
// Error returns, the alert is already in output; flush it and close. Input and spill both have
// kReadableTail bytes behind them, provided that the caller's input has.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/alert.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"
#include "tls/server_config.hpp"

namespace heliograph::tls {

struct Event {
  enum class Kind : std::uint8_t {
    kNeedMore,           // the input is used up
    kHandshakeComplete,  // once; from now on can_send() is true
    kData,               // `data`, never empty
    kCloseNotify,        // the peer has sent its last byte; close() answers
  };
  Kind kind;
  MutableBytes data;
};

// What the end of the transport's input means.
enum class EndOfInput : std::uint8_t {
  kClean,            // after close_notify
  kDuringHandshake,  // before the handshake was complete
  kTruncated,        // after it, without close_notify: bytes may have been cut off
};

class ServerConnection {
 public:
  explicit ServerConnection(std::shared_ptr<const ServerConfig> config);
  ServerConnection(ServerConnection&&) noexcept;
  ServerConnection& operator=(ServerConnection&&) noexcept;
  ~ServerConnection();

  // Consumes from the front of `input` until something is to be reported. After an error or a
  // close_notify, everything is discarded; the error is returned again.
  Result<Event, Error> receive(MutableBytes& input, Buffer& output);
  [[nodiscard]] EndOfInput receive_eof() const;

  // Seals the concatenation of `plaintext` into records. Requires can_send().
  void send(std::span<const Bytes> plaintext, Buffer& output);
  // Says close_notify, once; nothing after an error. Reading stays possible.
  void close(Buffer& output);

  [[nodiscard]] bool established() const;
  [[nodiscard]] bool can_send() const;

  // Meaningful once established().
  [[nodiscard]] CipherSuite cipher_suite() const;
  [[nodiscard]] NamedGroup group() const;
  [[nodiscard]] SignatureScheme signature_scheme() const;
  [[nodiscard]] bool did_hello_retry() const;
  // The SNI host name, lower case as sent by the client or not; empty if none was sent.
  [[nodiscard]] std::string_view server_name() const;
  // The ALPN protocol; empty if none was negotiated.
  [[nodiscard]] std::string_view application_protocol() const;
  // The alert behind Error::kAlertReceived.
  [[nodiscard]] std::optional<AlertDescription> peer_alert() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heliograph::tls
