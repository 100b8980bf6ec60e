// The server's handshake (RFC 9846 section 2 and appendix A.2), from ClientHello to Finished.
//
//      kStart ──ClientHello──▶ HelloRetryRequest ──▶ kWaitSecondClientHello ──ClientHello──╮
//        │                                                                                 │
//        ╰──ClientHello──▶ flight ◀────────────────────────────────────────────────────────╯
//                            │
//        early data taken    ├──▶ kWaitEndOfEarlyData ──────────────────────────╮
//        certificate asked   ├──▶ kWaitCertificate ──▶ kWaitCertificateVerify ──┤
//                            │           ╰──none, and none is needed────────────┤
//        neither             ╰──────────────────────────────────────────────────┴──▶ kWaitFinished
//
// The transitions are a table in the .cpp file: what may come in which state, how long it may be,
// who handles it and where that may lead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"
#include "tls/client_hello.hpp"
#include "tls/credential.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/error.hpp"
#include "tls/finished.hpp"
#include "tls/handshake.hpp"
#include "tls/handshake_message.hpp"
#include "tls/peer_authentication.hpp"
#include "tls/pre_shared_key.hpp"
#include "tls/server_config.hpp"
#include "tls/session.hpp"

namespace heliograph::tls {

// A client whose first flight is not read must not make the server decrypt without end.
// This much, or what the configuration lets clients send, if that is more.
inline constexpr std::size_t kMaxSkippedEarlyData = std::size_t{16} * 1024;

// Each ticket costs a decryption before the client has proved anything.
inline constexpr std::size_t kMaxTicketsTried = 8;

class ServerHandshake : public Handshake {
 public:
  // `now`: milliseconds since 1970.
  ServerHandshake(std::shared_ptr<const ServerConfig> config, std::int64_t now);

  [[nodiscard]] std::optional<std::size_t> max_body(HandshakeType type) const override;
  Result<void, Error> receive(const HandshakeMessage& message, HandshakeChannel channel) override;
  [[nodiscard]] bool complete() const override { return state_ == State::kConnected; }
  [[nodiscard]] bool started() const override { return state_ != State::kStart; }

  Result<bool, Error> skip_early_data(std::size_t size) override;
  void end_skipping() override { skipping_early_data_ = false; }
  Result<bool, Error> receive_early_data(std::size_t size) override;

  enum class State : std::uint8_t {
    kStart,
    kWaitSecondClientHello,
    kWaitEndOfEarlyData,
    kWaitCertificate,
    kWaitCertificateVerify,
    kWaitFinished,
    kConnected,
    kNothingExpected,
  };
  using Handler = Result<State, Error> (ServerHandshake::*)(const HandshakeMessage&,
                                                            HandshakeChannel);

 private:
  struct Table;

  Result<State, Error> on_client_hello(const HandshakeMessage& message, HandshakeChannel channel);
  Result<State, Error> on_second_client_hello(const HandshakeMessage& message,
                                              HandshakeChannel channel);
  Result<State, Error> on_end_of_early_data(const HandshakeMessage& message,
                                            HandshakeChannel channel);
  Result<State, Error> on_certificate(const HandshakeMessage& message, HandshakeChannel channel);
  Result<State, Error> on_certificate_verify(const HandshakeMessage& message,
                                             HandshakeChannel channel);
  Result<State, Error> on_finished(const HandshakeMessage& message, HandshakeChannel channel);
  static State connect(FinishedVerified finished, PeerAuthenticated authenticated);

  // Negotiation.
  Result<void, Error> negotiate(const ClientHello& hello);
  [[nodiscard]] bool select_cipher_suite(CodePoints offered);
  [[nodiscard]] bool select_group(const ClientHello& hello);
  [[nodiscard]] bool select_application_protocol(const ClientHello& hello);
  Result<void, Error> select_credential(const ClientHello& hello);

  // Resumption.
  struct OfferedSession {
    std::uint16_t index;
    PskIdentity identity;
    Bytes binder;
    Session session;
  };
  [[nodiscard]] std::optional<OfferedSession> find_session(const ClientHello& hello) const;
  Result<void, Error> select_session(const HandshakeMessage& message, const ClientHello& hello);
  [[nodiscard]] std::optional<Session> open_ticket(Bytes ticket, const ClientHello& hello) const;
  [[nodiscard]] bool may_resume(const Session& session, const ClientHello& hello) const;
  [[nodiscard]] bool accepts_early_data(const ClientHello& hello,
                                        const OfferedSession& offered) const;
  [[nodiscard]] bool ticket_age_fits(const OfferedSession& offered) const;

  // Flights.
  Result<State, Error> send_hello_retry_request(const HandshakeMessage& message,
                                                const ClientHello& hello, HandshakeChannel channel);
  Result<State, Error> send_server_flight(const HandshakeMessage& message, const ClientHello& hello,
                                          HandshakeChannel channel);
  Result<crypto::Secret, Error> exchange_keys(const ClientHello& hello, Buffer& server_hello);
  void send_hello(Bytes encoded, const ClientHello& hello, HandshakeChannel channel);
  Result<void, Error> send_encrypted_flight(const ClientHello& hello, HandshakeChannel channel);
  EncryptedExtensions answer_extensions(const ClientHello& hello, HandshakeChannel channel);
  void send_tickets(HandshakeChannel channel);
  [[nodiscard]] bool write_ticket(std::uint8_t number, const crypto::Secret& resumption_secret,
                                  Buffer& out) const;
  [[nodiscard]] bool asks_for_certificate() const;
  [[nodiscard]] bool takes_early_data() const {
    return negotiated_.early_data == EarlyDataOutcome::kAccepted;
  }
  Result<void, Error> spend_early_data(std::size_t size);

  std::shared_ptr<const ServerConfig> config_;
  State state_ = State::kStart;
  // Hash of what a second ClientHello may not change.
  crypto::Digest unchanging_parts_;
  // The first ClientHello offers a session that can be resumed.
  bool session_offered_ = false;

  // The session that is resumed, and its place in the client's list.
  std::optional<Session> session_;
  std::uint16_t selected_identity_ = 0;
  // From the choice of the session on until the next secret is extracted.
  std::optional<EarlySecret> early_secret_;
  crypto::Secret early_traffic_secret_;
  bool client_takes_tickets_ = false;
  bool limits_records_ = false;
  bool skipping_early_data_ = false;
  std::size_t early_data_budget_;
};

}  // namespace heliograph::tls
