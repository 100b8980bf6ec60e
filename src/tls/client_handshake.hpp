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
  // `now`: milliseconds since 1970. A session that does not fit the name, the time or the
  // configuration is not offered.
  ClientHandshake(std::shared_ptr<const ClientConfig> config, const ServerName& server_name,
                  std::int64_t now, std::shared_ptr<const ClientSession> session);

  // Sends the ClientHello; with early data, the keys for it are installed.
  void start(HandshakeChannel channel);
  // What is sent now goes out as early data.
  [[nodiscard]] bool may_send_early_data() const;

  [[nodiscard]] std::optional<std::size_t> max_body(HandshakeType type) const override;
  Result<void, Error> receive(const HandshakeMessage& message, HandshakeChannel channel) override;
  [[nodiscard]] bool complete() const override { return state_ == State::kConnected; }
  [[nodiscard]] bool started() const override { return state_ != State::kStart; }

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
  Result<void, Error> select_session(const ServerHello& hello);
  [[nodiscard]] const crypto::KeyShare* find_share(NamedGroup group) const;

  Result<void, Error> apply(const EncryptedExtensions& extensions, HandshakeChannel channel);

  // The client's second flight.
  Result<void, Error> send_client_flight(HandshakeChannel channel);
  Result<void, Error> write_authentication(Buffer& out);
  void select_credential(const CertificateRequest& request);
  std::shared_ptr<const ClientConfig> config_;
  ServerName server_name_;
  State state_ = State::kStart;

  // Of the ClientHello.
  std::array<std::uint8_t, kMaxLegacySessionId> legacy_session_id_ = {};
  std::array<std::uint8_t, 8> grease_ = {};
  std::uint64_t order_ = 0;
  std::vector<crypto::KeyShare> key_shares_;
  std::vector<std::uint8_t> cookie_;
  // The session that is offered. Null: none, or no longer.
  std::shared_ptr<const ClientSession> session_;
  // Not behind a HelloRetryRequest.
  bool offers_early_data_ = false;
  // The first ClientHello, until its hash is known.
  Buffer first_hello_;

  // A CertificateRequest came, and is answered with negotiated_.credential, if that is set.
  bool certificate_requested_ = false;
  bool with_status_ = false;
  bool compressed_ = false;
};

}  // namespace heliograph::tls
