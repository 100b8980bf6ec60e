#include "tls/server_handshake.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/hex.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/entropy.hpp"
#include "tls/server_hello.hpp"

namespace heliograph::tls {
namespace {

const Entropy& entropy_of(const ServerConfig& config) {
  return config.entropy ? *config.entropy : system_entropy();
}

crypto::Digest digest_of_unchanging_parts(const HandshakeMessage& client_hello) {
  Buffer parts;
  append_unchanging_parts(client_hello.body(), parts);
  return crypto::hash(crypto::HashAlgorithm::kSha256, parts.bytes());
}

}  // namespace

struct ServerHandshake::Transition {
  State from;
  HandshakeType message;
  std::size_t max_body;
  Handler handler;
  std::array<State, 2> successors;
};

struct ServerHandshake::Transitions {
  static constexpr std::array<Transition, 3> kAll = {{
      {State::kStart,
       HandshakeType::kClientHello,
       kMaxClientHello,
       &ServerHandshake::on_client_hello,
       {State::kWaitSecondClientHello, State::kWaitFlight2}},
      {State::kWaitSecondClientHello,
       HandshakeType::kClientHello,
       kMaxClientHello,
       &ServerHandshake::on_second_client_hello,
       {State::kWaitFlight2, State::kWaitFlight2}},
      {State::kWaitFlight2,
       HandshakeType::kFinished,
       kMaxFinished,
       &ServerHandshake::on_finished,
       {State::kConnected, State::kConnected}},
  }};

  static constexpr const Transition* find(State from, HandshakeType message) {
    for (const Transition& transition : kAll) {
      if (transition.from == from && transition.message == message) return &transition;
    }
    return nullptr;
  }

  static constexpr bool leads_on(State state) {
    return state == State::kConnected ||
           std::ranges::any_of(kAll, [state](const Transition& t) { return t.from == state; });
  }
  static constexpr bool no_dead_ends() {
    return std::ranges::all_of(
        kAll, [](const Transition& t) { return std::ranges::all_of(t.successors, leads_on); });
  }
};

ServerHandshake::ServerHandshake(const ServerConfig& config) : config_(config) {
  static_assert(Transitions::no_dead_ends());
}

std::optional<std::size_t> ServerHandshake::max_body(HandshakeType type) const {
  const Transition* transition = Transitions::find(state_, type);
  if (transition == nullptr) return std::nullopt;
  return transition->max_body;
}

Result<void, Error> ServerHandshake::receive(const HandshakeMessage& message,
                                             HandshakeChannel channel) {
  const Transition* transition = Transitions::find(state_, message.type);
  if (transition == nullptr) return fail(Error::kUnexpectedMessage);
  state_ = State::kNothingExpected;
  const auto next = (this->*transition->handler)(message, channel);
  if (!next) return fail(next.error());
  if (std::ranges::find(transition->successors, *next) == transition->successors.end()) {
    return fail(Error::kInternal);
  }
  state_ = *next;
  return {};
}

// "An implementation may receive an unencrypted record of type change_cipher_spec consisting of the
// single byte value 0x01 at any time after the first ClientHello message has been sent or received
// and before the peer's Finished message has been received and MUST simply drop it".
Result<void, Error> ServerHandshake::receive_change_cipher_spec(Bytes content) {
  if (state_ == State::kStart) return fail(Error::kUnexpectedChangeCipherSpec);
  if (!equal(content, std::array<std::uint8_t, 1>{1})) return fail(Error::kBadChangeCipherSpec);
  if (++change_cipher_specs_ > kMaxChangeCipherSpecs) {
    return fail(Error::kTooManyChangeCipherSpecs);
  }
  return {};
}

Result<bool, Error> ServerHandshake::skip_early_data(std::size_t size) {
  if (!skipping_early_data_) return false;
  if (size > early_data_budget_) return fail(Error::kTooMuchEarlyData);
  early_data_budget_ -= size;
  return true;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_client_hello(
    const HandshakeMessage& message, HandshakeChannel channel) {
  const auto hello = parse_client_hello(message.body());
  if (!hello) return fail(hello.error());
  if (auto negotiated = negotiate(*hello); !negotiated) return fail(negotiated.error());
  std::ranges::copy(hello->random, client_random_.begin());
  skipping_early_data_ = hello->offers_early_data;

  transcript_.emplace(hash_of(negotiated_.cipher_suite));
  transcript_->add(message.encoded);
  if (!hello->key_shares.find(negotiated_.group)) {
    return send_hello_retry_request(message, *hello, channel);
  }
  return send_server_flight(*hello, channel);
}

Result<ServerHandshake::State, Error> ServerHandshake::on_second_client_hello(
    const HandshakeMessage& message, HandshakeChannel channel) {
  const auto hello = parse_client_hello(message.body());
  if (!hello) return fail(hello.error());
  if (hello->offers_early_data) return fail(Error::kRetryWithEarlyData);
  if (!equal(digest_of_unchanging_parts(message).bytes(), unchanging_parts_.bytes())) {
    return fail(Error::kRetryChangedHello);
  }
  if (hello->key_shares.count() != 1 || !hello->key_shares.find(negotiated_.group)) {
    return fail(Error::kRetryWithoutKeyShare);
  }
  skipping_early_data_ = false;
  transcript_->add(message.encoded);
  return send_server_flight(*hello, channel);
}

Result<ServerHandshake::State, Error> ServerHandshake::on_finished(const HandshakeMessage& message,
                                                                   HandshakeChannel channel) {
  const crypto::Digest expected = finished_verify_data(
      hash_of(negotiated_.cipher_suite), handshake_secrets_.client, transcript_->hash().bytes());
  const auto proof = verify_finished(message.body(), expected.bytes());
  if (!proof) return fail(proof.error());
  const auto installed =
      channel.receive.install_keys(negotiated_.cipher_suite, application_secrets_.client);
  if (!installed) return fail(installed.error());
  return connect(*proof);
}

ServerHandshake::State ServerHandshake::connect(FinishedVerified /*proof*/) {
  return State::kConnected;
}

Result<void, Error> ServerHandshake::negotiate(const ClientHello& hello) {
  if (!select_cipher_suite(hello.cipher_suites)) return fail(Error::kNoCommonCipherSuite);
  if (!select_group(hello)) return fail(Error::kNoCommonGroup);
  if (!select_credential(hello.signature_algorithms)) {
    return fail(Error::kNoCommonSignatureScheme);
  }
  if (!select_application_protocol(hello)) return fail(Error::kNoCommonApplicationProtocol);
  negotiated_.server_name = hello.server_name;
  return {};
}

bool ServerHandshake::select_cipher_suite(CodePoints offered) {
  for (const CipherSuite suite : config_.cipher_suites) {
    if (!offered.contains(static_cast<std::uint16_t>(suite))) continue;
    negotiated_.cipher_suite = suite;
    return true;
  }
  return false;
}

bool ServerHandshake::select_group(const ClientHello& hello) {
  const auto select_first = [this](const auto& is_usable) {
    const auto group = std::ranges::find_if(config_.groups, is_usable);
    if (group == config_.groups.end()) return false;
    negotiated_.group = *group;
    return true;
  };
  return select_first([&](NamedGroup group) { return hello.key_shares.find(group).has_value(); }) ||
         select_first([&](NamedGroup group) {
           return hello.supported_groups.contains(static_cast<std::uint16_t>(group));
         });
}

bool ServerHandshake::select_credential(CodePoints offered_schemes) {
  for (const auto& credential : config_.credentials) {
    for (const SignatureScheme scheme : credential->schemes) {
      if (!offered_schemes.contains(static_cast<std::uint16_t>(scheme))) continue;
      credential_ = credential.get();
      negotiated_.signature_scheme = scheme;
      return true;
    }
  }
  return false;
}

bool ServerHandshake::select_application_protocol(const ClientHello& hello) {
  if (!hello.application_protocols || config_.application_protocols.empty()) return true;
  for (const std::string& protocol : config_.application_protocols) {
    if (!hello.offers_protocol(protocol)) continue;
    negotiated_.application_protocol = protocol;
    return true;
  }
  return false;
}

Result<ServerHandshake::State, Error> ServerHandshake::send_hello_retry_request(
    const HandshakeMessage& message, const ClientHello& hello, HandshakeChannel channel) {
  if (auto aligned = channel.receive.require_record_boundary(); !aligned) {
    return fail(aligned.error());
  }
  unchanging_parts_ = digest_of_unchanging_parts(message);
  transcript_->replace_by_message_hash();
  Buffer request;
  write_server_hello({.random = kHelloRetryRequestRandom,
                      .legacy_session_id_echo = hello.legacy_session_id,
                      .cipher_suite = negotiated_.cipher_suite,
                      .group = negotiated_.group,
                      .key_exchange = {}},
                     request);
  transcript_->add(request.bytes());
  send_hello(request.bytes(), hello, channel);
  negotiated_.did_hello_retry = true;
  return State::kWaitSecondClientHello;
}

// ServerHello, then under the handshake keys EncryptedExtensions, Certificate, CertificateVerify
// and Finished. From there on this side sends under the application keys.
Result<ServerHandshake::State, Error> ServerHandshake::send_server_flight(
    const ClientHello& hello, HandshakeChannel channel) {
  const CipherSuite suite = negotiated_.cipher_suite;
  Buffer server_hello;
  const auto shared_secret = exchange_keys(hello, server_hello);
  if (!shared_secret) return fail(shared_secret.error());
  transcript_->add(server_hello.bytes());

  HandshakeSecret handshake_secret =
      EarlySecret(hash_of(suite)).extract_handshake_secret(shared_secret->bytes());
  handshake_secrets_ = handshake_secret.traffic_secrets(transcript_->hash().bytes());
  const auto installed = channel.receive.install_keys(suite, handshake_secrets_.client);
  if (!installed) return fail(installed.error());
  send_hello(server_hello.bytes(), hello, channel);
  channel.send.install_keys(suite, handshake_secrets_.server);
  log_secrets("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
              handshake_secrets_);

  if (auto sent = send_authentication(channel); !sent) return fail(sent.error());

  const crypto::Digest until_server_finished = transcript_->hash();
  const MainSecret main_secret = std::move(handshake_secret).extract_main_secret();
  application_secrets_ = main_secret.traffic_secrets(until_server_finished.bytes());
  channel.send.install_keys(suite, application_secrets_.server);
  log_secrets("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", application_secrets_);
  if (config_.key_log) {
    log_secret("EXPORTER_SECRET", main_secret.exporter_secret(until_server_finished.bytes()));
  }
  return State::kWaitFlight2;
}

// Writes ServerHello with our share; the result is the shared secret.
Result<crypto::Secret, Error> ServerHandshake::exchange_keys(const ClientHello& hello,
                                                             Buffer& server_hello) {
  const Entropy& entropy = entropy_of(config_);
  std::array<std::uint8_t, kRandomSize> random;
  entropy.fill_random(random);
  const crypto::KeyShare share = entropy.make_key_share(negotiated_.group);
  auto shared_secret = share.derive(hello.key_shares.find(negotiated_.group).value_or(Bytes{}));
  if (!shared_secret) return fail(Error::kBadKeyShare);
  write_server_hello({.random = random,
                      .legacy_session_id_echo = hello.legacy_session_id,
                      .cipher_suite = negotiated_.cipher_suite,
                      .group = negotiated_.group,
                      .key_exchange = share.public_value()},
                     server_hello);
  return std::move(*shared_secret);
}

// ServerHello or HelloRetryRequest. Behind the first of them goes a change_cipher_spec record if
// the client has asked for compatibility mode by a session identifier (section D.4).
void ServerHandshake::send_hello(Bytes encoded, const ClientHello& hello,
                                 HandshakeChannel channel) {
  channel.send.send(ContentType::kHandshake, encoded, channel.output);
  if (hello.legacy_session_id.empty() || compatibility_sent_) return;
  SendHalf::send_change_cipher_spec(channel.output);
  compatibility_sent_ = true;
}

Result<void, Error> ServerHandshake::send_authentication(HandshakeChannel channel) {
  Buffer before;
  write_encrypted_extensions({.application_protocol = negotiated_.application_protocol}, before);
  transcript_->add(before.bytes());
  const Bytes certificate = credential_->certificate_message;
  transcript_->add(certificate);

  Buffer after;
  if (!write_signature(after)) return fail(Error::kInternal);
  transcript_->add(after.bytes());
  const std::size_t signature_end = after.size();
  write_finished(finished_verify_data(hash_of(negotiated_.cipher_suite), handshake_secrets_.server,
                                      transcript_->hash().bytes())
                     .bytes(),
                 after);
  transcript_->add(after.bytes().subspan(signature_end));

  const std::array<Bytes, 3> flight = {before.bytes(), certificate, after.bytes()};
  channel.send.send(ContentType::kHandshake, flight, channel.output);
  return {};
}

// CertificateVerify over the transcript so far.
bool ServerHandshake::write_signature(Buffer& out) {
  const Buffer content = server_signature_content(transcript_->hash().bytes());
  Buffer signature;
  if (!credential_->key.sign(negotiated_.signature_scheme, content.bytes(), signature))
    return false;
  write_certificate_verify({negotiated_.signature_scheme, signature.bytes()}, out);
  return true;
}

void ServerHandshake::log_secrets(std::string_view client_label, std::string_view server_label,
                                  const TrafficSecrets& secrets) const {
  if (!config_.key_log) return;
  log_secret(client_label, secrets.client);
  log_secret(server_label, secrets.server);
}

void ServerHandshake::log_secret(std::string_view label, const crypto::Secret& secret) const {
  config_.key_log(std::string(label) + ' ' + hex_encode(client_random_) + ' ' +
                  hex_encode(secret.bytes()));
}

}  // namespace heliograph::tls
