// The server's handshake (RFC 9846 section 2 and appendix A.2), from ClientHello to Finished.
//
//      kStart ──ClientHello──▶ HelloRetryRequest ──▶ kWaitSecondClientHello ──ClientHello──╮
//        │                                                                                 │
//        ╰──ClientHello──▶ flight ◀────────────────────────────────────────────────────────╯
//                            │
//        early data taken    ├──▶ kWaitEndOfEarlyData ──────────────────────╮
//        certificate asked   ├──▶ kWaitCertificate ──▶ kWaitCertificateVerify ──╮
//        neither             ╰──────────────────────────────────────────────┴───┴──▶ kWaitFinished
//
// The transitions are a table in the .cpp file: what may come in which state, how long it may be,
// who handles it and where that may lead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/client_hello.hpp"
#include "tls/credential.hpp"
#include "tls/error.hpp"
#include "tls/finished.hpp"
#include "tls/handshake.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_schedule.hpp"
#include "tls/peer_authentication.hpp"
#include "tls/pre_shared_key.hpp"
#include "tls/server_config.hpp"
#include "tls/session.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls {

// A client whose first flight is not read must not make the server decrypt without end.
// This much, or what the configuration lets clients send, if that is more.
inline constexpr std::size_t kMaxSkippedEarlyData = std::size_t{16} * 1024;

// Each ticket costs a decryption before the client has proved anything.
inline constexpr std::size_t kMaxTicketsTried = 8;

class ServerHandshake : public Handshake {
 public:
  // `now`: milliseconds since 1970. The configuration must outlive the handshake.
  ServerHandshake(const ServerConfig& config, std::int64_t now);

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
  Result<State, Error> on_compressed_certificate(const HandshakeMessage& message,
                                                 HandshakeChannel channel);
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
  [[nodiscard]] std::optional<SignatureScheme> common_scheme(const Credential& credential,
                                                             CodePoints offered) const;

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
  [[nodiscard]] bool accepts_early_data(const ClientHello& hello) const;
  [[nodiscard]] bool ticket_age_fits() const;

  // Flights.
  Result<State, Error> send_hello_retry_request(const HandshakeMessage& message,
                                                const ClientHello& hello, HandshakeChannel channel);
  Result<State, Error> send_server_flight(const HandshakeMessage& message, const ClientHello& hello,
                                          HandshakeChannel channel);
  Result<crypto::Secret, Error> exchange_keys(const ClientHello& hello, Buffer& server_hello);
  void send_hello(Bytes encoded, const ClientHello& hello, HandshakeChannel channel);
  Result<void, Error> install_first_read_keys(HandshakeChannel channel);
  Result<void, Error> send_encrypted_flight(const ClientHello& hello, HandshakeChannel channel);
  void write_extensions(const ClientHello& hello, HandshakeChannel channel, Buffer& out);
  [[nodiscard]] bool write_signature(Buffer& out);
  void write_finished_message(Buffer& out);
  void send_tickets(HandshakeChannel channel);
  [[nodiscard]] bool write_ticket(std::uint8_t number, const crypto::Secret& resumption_secret,
                                  Buffer& out) const;
  [[nodiscard]] bool asks_for_certificate() const;
  Result<State, Error> receive_chain(Bytes body);
  void log(std::string_view label, const crypto::Secret& secret) const;
  [[nodiscard]] crypto::HashAlgorithm hash_algorithm() const;

  const ServerConfig& config_;
  std::int64_t now_;
  State state_ = State::kStart;
  const Credential* credential_ = nullptr;
  std::array<std::uint8_t, kRandomSize> client_random_ = {};
  // Hash of what a second ClientHello may not change.
  crypto::Digest unchanging_parts_;
  // The first ClientHello offers a session that can be resumed.
  bool session_offered_ = false;

  // The session that is resumed, and its place in the client's list.
  std::optional<Session> session_;
  std::uint16_t selected_identity_ = 0;
  std::uint32_t obfuscated_ticket_age_ = 0;
  bool early_data_is_fresh_ = false;
  bool client_takes_tickets_ = false;

  PeerAuthentication client_;
  std::optional<PeerAuthenticated> client_authenticated_;

  std::optional<Transcript> transcript_;
  std::optional<MainSecret> main_secret_;
  crypto::Secret early_secret_;
  TrafficSecrets handshake_secrets_;
  TrafficSecrets application_secrets_;

  bool compatibility_sent_ = false;
  bool skipping_early_data_ = false;
  std::size_t early_data_budget_;
};

}  // namespace heliograph::tls
