// A TLS 1.3 connection (RFC 9846) as a machine without I/O: what both roles share. server.hpp and
// client.hpp make one.
//
//   input ──▶ receive() ──▶ Event: handshake complete, data, close_notify; or need more; or Error
//                  └──▶ output: flights, alerts        send(), close() ──▶ output
//
// receive() decrypts in place: the data of an Event lies in the caller's input (or in the
// machine's spill, when a record arrived in pieces) and is valid until the next call. When an
// Error returns, the alert is already in output; flush it and close.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "tls/alert.hpp"
#include "tls/error.hpp"
#include "tls/handshake.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_update.hpp"
#include "tls/parameters.hpp"
#include "tls/receive_half.hpp"
#include "tls/send_half.hpp"

namespace heliograph::tls {

struct Event {
  enum class Kind : std::uint8_t {
    kNeedMore,           // the input is used up
    kHandshakeComplete,  // once; from now on can_send() is true
    kData,               // `data`, never empty
    kEarlyData,          // server: `data` of a 0-RTT flight, which somebody may have replayed
    kSession,            // client: take_sessions() has what resumes this connection
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

// Empty records cost the peer 22 bytes and us a decryption each, and move nothing forward.
inline constexpr std::uint8_t kMaxConsecutiveEmptyRecords = 32;

// user_canceled says that a close_notify follows; a stream of them says nothing.
inline constexpr std::uint8_t kMaxWarningAlerts = 4;

// A KeyUpdate costs the peer 27 bytes and us a key schedule, a ticket costs us memory. So many such
// messages may come without data, besides a KeyUpdate that was asked for.
inline constexpr std::uint8_t kPostHandshakeBurst = 32;

// So many bytes of data give one of them back: were a record enough, a peer with a byte of data
// behind each KeyUpdate would never run out. That bounds their rate, and never the life of a
// connection.
inline constexpr std::uint32_t kDataPerPostHandshakeMessage = 1'024;

// What a connection begins with, and the most that it saves up.
inline constexpr std::uint32_t kPostHandshakeBudget =
    kPostHandshakeBurst * kDataPerPostHandshakeMessage;

class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  // Consumes from the front of `input` until something is to be reported. After an error or a
  // close_notify, everything is discarded; the error is returned again.
  Result<Event, Error> receive(MutableBytes& input, Buffer& output);
  [[nodiscard]] EndOfInput receive_eof() const;

  // Seals the concatenation of `plaintext` into records. Requires can_send().
  void send(std::span<const Bytes> plaintext, Buffer& output);
  void send(Bytes plaintext, Buffer& output) { send({&plaintext, 1}, output); }
  // Changes the keys that this side sends with, and asks the peer to do the same if `request` says
  // so; it is asked again only after it has answered. Requires established() and can_send().
  void update_keys(KeyUpdateRequest request, Buffer& output);
  // Gives back what libcrypto keeps of the keys, which is most of the memory of a connection; the
  // next record in either direction makes it anew. For a connection that is silent.
  void release_ciphers() {
    send_.release_cipher();
    receive_.release_cipher();
  }
  // Bytes of the peer that are kept until the rest of their record or handshake message has come.
  [[nodiscard]] std::size_t held() const { return receive_.held(); }
  // Says close_notify, once; nothing after an error. Reading stays possible.
  void close(Buffer& output);

  [[nodiscard]] bool established() const { return established_; }
  [[nodiscard]] bool can_send() const;

  // Fills `out` with keying material for `label` and `context` (RFC 9846 section 7.5). False unless
  // established() and the configuration says `exporters`.
  [[nodiscard]] bool export_keying_material(std::string_view label, Bytes context,
                                            MutableBytes out) const;

  // Meaningful once established().
  [[nodiscard]] const Negotiated& negotiated() const { return negotiated_; }
  [[nodiscard]] CipherSuite cipher_suite() const { return negotiated_.cipher_suite; }
  [[nodiscard]] NamedGroup group() const { return negotiated_.group; }
  [[nodiscard]] bool did_hello_retry() const { return negotiated_.did_hello_retry; }
  [[nodiscard]] bool resumed() const { return negotiated_.resumed; }
  [[nodiscard]] std::string_view server_name() const { return negotiated_.server_name; }
  [[nodiscard]] std::string_view application_protocol() const {
    return negotiated_.application_protocol;
  }
  // The alert behind Error::kAlertReceived.
  [[nodiscard]] std::optional<AlertDescription> peer_alert() const { return peer_alert_; }

 protected:
  // What one record, or one handshake message in it, has led to. Nothing: go on reading.
  using Outcome = Result<std::optional<Event>, Error>;

  explicit Connection(std::unique_ptr<Handshake> handshake);

  // The messages of a role that come after the handshake, besides KeyUpdate.
  [[nodiscard]] virtual std::optional<std::size_t> max_post_handshake_body(
      HandshakeType /*type*/) const {
    return std::nullopt;
  }
  virtual Outcome receive_post_handshake(const HandshakeMessage& /*message*/) {
    return fail(Error::kUnexpectedMessage);
  }
  // The handshake is complete; afterwards it is gone.
  virtual void on_established(HandshakeSecrets& /*secrets*/) {}
  // Secrets are to be forgotten.
  virtual void on_failed() {}

  // Null once the handshake is over.
  [[nodiscard]] Handshake* handshake() { return handshake_.get(); }
  [[nodiscard]] const Handshake* handshake() const { return handshake_.get(); }
  [[nodiscard]] HandshakeChannel channel(Buffer& output) { return {send_, receive_, output}; }
  void abort(Error error, Buffer& output);

 private:
  Outcome receive_record(const Record& record, Buffer& output);
  Outcome receive_unprotected(const Record& record, Buffer& output);
  Outcome receive_protected(const Record& record, Buffer& output);
  Outcome receive_content(std::uint8_t type, MutableBytes content, Buffer& output);
  Outcome receive_change_cipher_spec(const Record& record);
  Outcome receive_handshake(MutableBytes content, Buffer& output);
  Outcome receive_application_data(MutableBytes content);
  Outcome receive_alert(MutableBytes content);
  Outcome skip_early_data(const Record& record, Error otherwise);

  [[nodiscard]] std::optional<std::size_t> max_body(HandshakeType type) const;
  Outcome continue_handshake(const HandshakeMessage& message, Buffer& output);
  Outcome continue_session(const HandshakeMessage& message);
  Outcome receive_key_update(const HandshakeMessage& message);

  // Null once the handshake is over.
  std::unique_ptr<Handshake> handshake_;
  SendHalf send_;
  ReceiveHalf receive_;
  Negotiated negotiated_;
  // Null unless the configuration asks for exporters.
  std::unique_ptr<crypto::Secret> exporter_secret_;
  std::optional<Error> failure_;
  std::optional<AlertDescription> peer_alert_;
  bool established_ = false;
  bool close_received_ = false;
  bool key_update_requested_ = false;
  std::uint8_t consecutive_empty_records_ = 0;
  std::uint8_t warning_alerts_ = 0;
  // In bytes of data.
  std::uint32_t post_handshake_budget_ = kPostHandshakeBudget;
};

// An idle connection is this, two AEAD contexts of libcrypto, and what is known of the peer's
// certificate; it owns no buffer.
static_assert(sizeof(Connection) <= 576);

}  // namespace heliograph::tls
