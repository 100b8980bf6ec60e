// What the handshakes of both roles have in common: what a connection asks of one while it lasts,
// what is left of it when it is over, and the steps that are the same on both sides. A handshake
// lives in an allocation of its own, which is freed when it ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"
#include "tls/config.hpp"
#include "tls/credential.hpp"
#include "tls/entropy.hpp"
#include "tls/error.hpp"
#include "tls/finished.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_schedule.hpp"
#include "tls/negotiated.hpp"
#include "tls/parameters.hpp"
#include "tls/peer_authentication.hpp"
#include "tls/receive_half.hpp"
#include "tls/send_half.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls {

// One for each ClientHello: more is a flood of records that cost the peer nothing.
inline constexpr std::uint8_t kMaxChangeCipherSpecs = 2;

// What later steps derive from.
struct HandshakeSecrets {
  // Empty where nobody asks for it.
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

  // Early data comes from clients only. Whether a record of `size` bytes that cannot be read is
  // early data to be skipped.
  virtual Result<bool, Error> skip_early_data(std::size_t /*size*/) { return false; }
  // A protected record could be read: what was to be skipped is over.
  virtual void end_skipping() {}
  // Whether `size` bytes of application data are early data that was accepted.
  virtual Result<bool, Error> receive_early_data(std::size_t /*size*/) { return false; }

  // Drops a change_cipher_spec record where it is allowed.
  Result<void, Error> receive_change_cipher_spec(Bytes content);

  [[nodiscard]] bool wants_exporters() const { return config_.exporters; }
  [[nodiscard]] const Negotiated& negotiated() const { return negotiated_; }
  [[nodiscard]] HandshakeSecrets& secrets() { return secrets_; }

 protected:
  // `config` is the one that the derived class owns. `now`: milliseconds since 1970.
  Handshake(const Config& config, Role role, std::int64_t now);

  [[nodiscard]] const Entropy& entropy() const;
  [[nodiscard]] crypto::HashAlgorithm hash_algorithm() const;
  void log(std::string_view label, const crypto::Secret& secret) const;

  // Certificate or CompressedCertificate: false if there is no certificate in it.
  Result<bool, Error> receive_certificate(const HandshakeMessage& message, bool asked_for_status,
                                          std::string_view server_name, OnRefusal on_refusal);
  Result<void, Error> receive_certificate_verify(const HandshakeMessage& message);
  // Of the peer. Without the proof that it is authenticated, nobody has finished.
  Result<FinishedVerified, Error> receive_finished(const HandshakeMessage& message);

  // Both append a message and add it to the transcript.
  Result<void, Error> write_signature(const Credential& credential, Buffer& out);
  void write_finished(Buffer& out);
  // Once, in front of the first thing that a middlebox would not expect after a hello
  // (section D.4).
  void send_compatibility(HandshakeChannel channel);

  // When the transcript ends with ServerHello.
  void derive_handshake_secrets(EarlySecret early_secret, const crypto::Secret& shared_secret);
  // When the transcript ends with the server's Finished.
  void derive_application_secrets();
  // When it ends with the client's.
  [[nodiscard]] crypto::Secret resumption_secret() const;

  std::int64_t now_;
  Negotiated negotiated_;
  HandshakeSecrets secrets_;
  std::array<std::uint8_t, kRandomSize> client_random_ = {};
  std::optional<Transcript> transcript_;
  TrafficSecrets handshake_secrets_;
  TrafficSecrets application_secrets_;
  // That there is nothing left to find out about the peer.
  std::optional<PeerAuthenticated> authenticated_;

 private:
  const Config& config_;
  Role role_;
  PeerAuthentication peer_;
  std::optional<HandshakeSecret> handshake_secret_;
  std::optional<MainSecret> main_secret_;
  bool compatibility_sent_ = false;
  std::uint8_t change_cipher_specs_ = 0;
};

}  // namespace heliograph::tls
