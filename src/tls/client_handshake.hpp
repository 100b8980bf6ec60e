// The client's handshake (RFC 9846 section 2 and appendix A.1), from ClientHello to Finished.
//
//      start() ──▶ kWaitServerHello ──HelloRetryRequest──▶ kWaitSecondServerHello
//                        │ ServerHello                         │ ServerHello
//                        ▼                                     │
//             kWaitEncryptedExtensions ◀───────────────────────╯
//                        │         ╰──a session is resumed──────────────────────────────╮
//                        ▼                                                              │
//          kWaitCertificateOrRequest ──CertificateRequest──▶ kWaitCertificate           │
//                        │ Certificate                             │ Certificate        │
//                        ▼                                         │                    ▼
//             kWaitCertificateVerify ◀─────────────────────────────╯ ──────────▶ kWaitFinished
//
// The transitions are a table in the .cpp file: what may come in which state, how long it may be,
// who handles it and where that may lead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/key_share.hpp"
#include "crypto/secret.hpp"
#include "tls/certificate_request.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/client_config.hpp"
#include "tls/client_hello_offer.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/error.hpp"
#include "tls/finished.hpp"
#include "tls/handshake.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_schedule.hpp"
#include "tls/peer_authentication.hpp"
#include "tls/server_hello.hpp"
#include "tls/server_name.hpp"
#include "tls/session.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls {

class ClientHandshake : public Handshake {
 public:
  // `now`: milliseconds since 1970. The configuration must outlive the handshake. A session that
  // does not fit the name, the time or the configuration is not offered.
  ClientHandshake(const ClientConfig& config, const ServerName& server_name, std::int64_t now,
                  std::shared_ptr<const ClientSession> session);

  // Sends the ClientHello; with early data, the keys for it are installed.
  void start(HandshakeChannel channel);
  // What is sent now goes out as early data.
  [[nodiscard]] bool may_send_early_data() const;

  [[nodiscard]] std::optional<std::size_t> max_body(HandshakeType type) const override;
  Result<void, Error> receive(const HandshakeMessage& message, HandshakeChannel channel) override;
  [[nodiscard]] bool complete() const override { return state_ == State::kConnected; }
  [[nodiscard]] bool started() const override { return state_ != State::kStart; }

  // Servers send no early data.
  Result<bool, Error> skip_early_data(std::size_t /*size*/) override { return false; }
  void end_skipping() override {}
  Result<bool, Error> receive_early_data(std::size_t /*size*/) override { return false; }

  enum class State : std::uint8_t {
    kStart,
    kWaitServerHello,
    kWaitSecondServerHello,
    kWaitEncryptedExtensions,
    kWaitCertificateOrRequest,
    kWaitCertificate,
    kWaitCertificateVerify,
    kWaitFinished,
    kConnected,
    kNothingExpected,
  };
  using Handler = Result<State, Error> (ClientHandshake::*)(const HandshakeMessage&,
                                                            HandshakeChannel);

 private:
  struct Table;

  Result<State, Error> on_server_hello(const HandshakeMessage& message, HandshakeChannel channel);
  Result<State, Error> on_encrypted_extensions(const HandshakeMessage& message,
                                               HandshakeChannel channel);
  Result<State, Error> on_certificate_request(const HandshakeMessage& message,
                                              HandshakeChannel channel);
  Result<State, Error> on_certificate(const HandshakeMessage& message, HandshakeChannel channel);
  Result<State, Error> on_compressed_certificate(const HandshakeMessage& message,
                                                 HandshakeChannel channel);
  Result<State, Error> on_certificate_verify(const HandshakeMessage& message,
                                             HandshakeChannel channel);
  Result<State, Error> on_finished(const HandshakeMessage& message, HandshakeChannel channel);
  static State connect(FinishedVerified finished, PeerAuthenticated authenticated);

  // ClientHello.
  void make_key_shares();
  void write_hello(Buffer& out);
  [[nodiscard]] ClientHelloOffer make_offer() const;
  void fill_in_binder(Buffer& hello) const;
  void install_early_keys(HandshakeChannel channel);

  // ServerHello.
  Result<void, Error> check_answer(const ServerHello& hello) const;
  Result<State, Error> retry(const HandshakeMessage& message, const ServerHello& hello,
                             HandshakeChannel channel);
  Result<void, Error> check_retry(const ServerHello& hello) const;
  Result<State, Error> accept(const HandshakeMessage& message, const ServerHello& hello,
                              HandshakeChannel channel);
  Result<void, Error> resume(const ServerHello& hello);
  [[nodiscard]] const crypto::KeyShare* find_share(NamedGroup group) const;

  Result<void, Error> apply(const EncryptedExtensions& extensions, HandshakeChannel channel);
  Result<void, Error> verify_resumed_server() const;
  Result<State, Error> receive_chain(Bytes body);

  // The client's second flight.
  Result<void, Error> send_client_flight(HandshakeChannel channel);
  [[nodiscard]] Result<void, Error> write_authentication(Buffer& out);
  void select_credential(const CertificateRequest& request);
  void send_compatibility(HandshakeChannel channel);

  void log(std::string_view label, const crypto::Secret& secret) const;
  [[nodiscard]] crypto::HashAlgorithm hash_algorithm() const;

  const ClientConfig& config_;
  ServerName server_name_;
  std::int64_t now_;
  State state_ = State::kStart;

  // Of the ClientHello.
  std::array<std::uint8_t, kRandomSize> random_ = {};
  std::array<std::uint8_t, kMaxLegacySessionId> legacy_session_id_ = {};
  std::array<std::uint8_t, 8> grease_ = {};
  std::uint64_t order_ = 0;
  std::vector<crypto::KeyShare> key_shares_;
  std::vector<std::uint8_t> cookie_;
  // The session that is offered. Null: none, or no longer.
  std::shared_ptr<const ClientSession> session_;
  bool early_data_offered_ = false;
  // The first ClientHello, until its hash is known.
  Buffer first_hello_;
  std::optional<NamedGroup> requested_group_;

  PeerAuthentication server_;
  std::optional<PeerAuthenticated> server_authenticated_;

  // A CertificateRequest came; the credential is what answers it, if any does.
  bool certificate_requested_ = false;
  bool compress_certificate_ = false;
  const Credential* credential_ = nullptr;

  std::optional<Transcript> transcript_;
  std::optional<HandshakeSecret> handshake_secret_;
  TrafficSecrets handshake_secrets_;
  bool compatibility_sent_ = false;
};

}  // namespace heliograph::tls
