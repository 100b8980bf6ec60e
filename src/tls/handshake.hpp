// What the handshakes of both roles have in common: what a connection asks of one while it lasts,
// and what is left of it when it is over. A handshake lives in an allocation of its own, which is
// freed when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "tls/error.hpp"
#include "tls/handshake_message.hpp"
#include "tls/parameters.hpp"
#include "tls/peer.hpp"
#include "tls/receive_half.hpp"
#include "tls/send_half.hpp"

namespace heliograph::tls {

// One for each ClientHello: more is a flood of records that cost the peer nothing.
inline constexpr std::uint8_t kMaxChangeCipherSpecs = 2;

enum class EarlyDataOutcome : std::uint8_t {
  kNotOffered,
  // What was sent as early data was never read: the client has to send it again.
  kRejected,
  kAccepted,
};

// What was negotiated; outlives the handshake.
struct Negotiated {
  CipherSuite cipher_suite{};
  NamedGroup group{};
  // Of this side's and of the peer's CertificateVerify; nothing where a side sent none.
  std::optional<SignatureScheme> signature_scheme;
  std::optional<SignatureScheme> peer_signature_scheme;
  bool did_hello_retry = false;
  // A pre-shared key from an earlier connection took the place of the certificates.
  bool resumed = false;
  EarlyDataOutcome early_data = EarlyDataOutcome::kNotOffered;
  // The SNI host name as the client wrote it; empty if none was sent.
  std::string server_name;
  // The ALPN protocol; empty if none was negotiated.
  std::string application_protocol;
  // Null if the peer sent no certificate, in this connection or in the one that it resumes.
  std::shared_ptr<const Peer> peer;
};

// What later steps derive from.
struct HandshakeSecrets {
  crypto::Secret exporter;
  // Kept by a client, for tickets that come later.
  crypto::Secret resumption;
};

// The connection's two halves and its output, on loan to a handler.
struct HandshakeChannel {
  SendHalf& send;
  ReceiveHalf& receive;
  Buffer& output;
};

class Handshake {
 public:
  Handshake() = default;
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  virtual ~Handshake() = default;

  // The longest body that a message of this type may have now; nothing if it may not come.
  [[nodiscard]] virtual std::optional<std::size_t> max_body(HandshakeType type) const = 0;
  // Handles a message and appends the answering flight.
  virtual Result<void, Error> receive(const HandshakeMessage& message,
                                      HandshakeChannel channel) = 0;
  // The peer's Finished was verified, ours is sent, and the application's keys are installed.
  [[nodiscard]] virtual bool complete() const = 0;
  // The first ClientHello was sent or received.
  [[nodiscard]] virtual bool started() const = 0;

  // Whether a record of `size` bytes that cannot be read is early data to be skipped.
  virtual Result<bool, Error> skip_early_data(std::size_t size) = 0;
  // A protected record could be read: what was to be skipped is over.
  virtual void end_skipping() = 0;
  // Whether `size` bytes of application data are early data that was accepted.
  virtual Result<bool, Error> receive_early_data(std::size_t size) = 0;

  // Drops a change_cipher_spec record where it is allowed.
  Result<void, Error> receive_change_cipher_spec(Bytes content);

  [[nodiscard]] const Negotiated& negotiated() const { return negotiated_; }
  [[nodiscard]] HandshakeSecrets& secrets() { return secrets_; }

 protected:
  Negotiated negotiated_;
  HandshakeSecrets secrets_;

 private:
  std::uint8_t change_cipher_specs_ = 0;
};

}  // namespace heliograph::tls
