// The server's handshake (RFC 9846 section 2 and appendix A.2), from ClientHello to Finished. It
// lives in an allocation of its own, which is freed when it ends.
//
//      kStart ──ClientHello──▶ kWaitFlight2 ──Finished──▶ kConnected
//        │                        ▲
//        │ ClientHello,           │ ClientHello with the share asked for
//        │ HelloRetryRequest      │
//        └──▶ kWaitSecondClientHello
//
// The transitions are a table in the .cpp file: what may come in which state, how long it may be,
// who handles it and where that may lead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"
#include "tls/client_hello.hpp"
#include "tls/credential.hpp"
#include "tls/error.hpp"
#include "tls/finished.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_schedule.hpp"
#include "tls/parameters.hpp"
#include "tls/receive_half.hpp"
#include "tls/send_half.hpp"
#include "tls/server_config.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls {

// A client whose first flight is not read must not make the server decrypt without end.
inline constexpr std::size_t kMaxSkippedEarlyData = std::size_t{64} * 1024;

// One for each ClientHello: more is a flood of records that cost the peer nothing.
inline constexpr std::uint8_t kMaxChangeCipherSpecs = 2;

// What was negotiated; outlives the handshake.
struct Negotiated {
  CipherSuite cipher_suite{};
  NamedGroup group{};
  SignatureScheme signature_scheme{};
  bool did_hello_retry = false;
  std::string server_name;
  // Lies in the configuration.
  std::string_view application_protocol;
};

// The connection's two halves and its output, on loan to a handler.
struct HandshakeChannel {
  SendHalf& send;
  ReceiveHalf& receive;
  Buffer& output;
};

class ServerHandshake {
 public:
  explicit ServerHandshake(const ServerConfig& config);

  // The longest body that a message of this type may have now; nothing if it may not come.
  [[nodiscard]] std::optional<std::size_t> max_body(HandshakeType type) const;
  // Handles a message and appends the answering flight.
  Result<void, Error> receive(const HandshakeMessage& message, HandshakeChannel channel);
  // Drops a change_cipher_spec record where it is allowed.
  Result<void, Error> receive_change_cipher_spec(Bytes content);
  // Whether a record of `size` bytes that cannot be read is early data to be skipped.
  Result<bool, Error> skip_early_data(std::size_t size);
  // A protected record could be read: early data is over.
  void end_early_data() { skipping_early_data_ = false; }

  // Finished was verified, and the application's keys are installed.
  [[nodiscard]] bool complete() const { return state_ == State::kConnected; }
  [[nodiscard]] const Negotiated& negotiated() const { return negotiated_; }

 private:
  enum class State : std::uint8_t {
    kStart,
    kWaitSecondClientHello,
    kWaitFlight2,
    kConnected,
    // What a state becomes while a message is handled: a handler that forgets to say what is
    // expected next has said that nothing is.
    kNothingExpected,
  };
  using Handler = Result<State, Error> (ServerHandshake::*)(const HandshakeMessage&,
                                                            HandshakeChannel);
  struct Transition;
  struct Transitions;

  Result<State, Error> on_client_hello(const HandshakeMessage& message, HandshakeChannel channel);
  Result<State, Error> on_second_client_hello(const HandshakeMessage& message,
                                              HandshakeChannel channel);
  Result<State, Error> on_finished(const HandshakeMessage& message, HandshakeChannel channel);
  static State connect(FinishedVerified proof);

  Result<void, Error> negotiate(const ClientHello& hello);
  [[nodiscard]] bool select_cipher_suite(CodePoints offered);
  [[nodiscard]] bool select_group(const ClientHello& hello);
  [[nodiscard]] bool select_credential(CodePoints offered_schemes);
  [[nodiscard]] bool select_application_protocol(const ClientHello& hello);

  Result<State, Error> send_hello_retry_request(const HandshakeMessage& message,
                                                const ClientHello& hello, HandshakeChannel channel);
  Result<State, Error> send_server_flight(const ClientHello& hello, HandshakeChannel channel);
  Result<crypto::Secret, Error> exchange_keys(const ClientHello& hello, Buffer& server_hello);
  void send_hello(Bytes encoded, const ClientHello& hello, HandshakeChannel channel);
  Result<void, Error> send_authentication(HandshakeChannel channel);
  [[nodiscard]] bool write_signature(Buffer& out);
  void log_secrets(std::string_view client_label, std::string_view server_label,
                   const TrafficSecrets& secrets) const;
  void log_secret(std::string_view label, const crypto::Secret& secret) const;

  const ServerConfig& config_;
  State state_ = State::kStart;
  Negotiated negotiated_;
  const Credential* credential_ = nullptr;
  std::array<std::uint8_t, kRandomSize> client_random_ = {};
  // Hash of what a second ClientHello may not change.
  crypto::Digest unchanging_parts_;

  std::optional<Transcript> transcript_;
  TrafficSecrets handshake_secrets_;
  TrafficSecrets application_secrets_;

  bool compatibility_sent_ = false;
  bool skipping_early_data_ = false;
  std::size_t early_data_budget_ = kMaxSkippedEarlyData;
  std::uint8_t change_cipher_specs_ = 0;
};

}  // namespace heliograph::tls
