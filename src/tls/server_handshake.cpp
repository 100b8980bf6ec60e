#include "tls/server_handshake.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "tls/certificate_request.hpp"
#include "tls/compressed_certificate.hpp"
#include "tls/early_data.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/entropy.hpp"
#include "tls/new_session_ticket.hpp"
#include "tls/server_hello.hpp"
#include "tls/ticket.hpp"
#include "tls/transitions.hpp"

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

std::uint32_t random_u32(const Entropy& entropy) {
  std::array<std::uint8_t, 4> bytes;
  entropy.fill_random(bytes);
  return Reader(bytes).u32();
}

}  // namespace

struct ServerHandshake::Table {
  static constexpr Transitions<ServerHandshake, 7> kTransitions = {{
      {State::kStart,
       HandshakeType::kClientHello,
       kMaxClientHello,
       &ServerHandshake::on_client_hello,
       {State::kWaitSecondClientHello, State::kWaitEndOfEarlyData, State::kWaitCertificate,
        State::kWaitFinished}},
      {State::kWaitSecondClientHello,
       HandshakeType::kClientHello,
       kMaxClientHello,
       &ServerHandshake::on_second_client_hello,
       {State::kWaitCertificate, State::kWaitFinished}},
      {State::kWaitEndOfEarlyData,
       HandshakeType::kEndOfEarlyData,
       0,
       &ServerHandshake::on_end_of_early_data,
       {State::kWaitFinished}},
      {State::kWaitCertificate,
       HandshakeType::kCertificate,
       kMaxCertificate,
       &ServerHandshake::on_certificate,
       {State::kWaitCertificateVerify, State::kWaitFinished}},
      {State::kWaitCertificate,
       HandshakeType::kCompressedCertificate,
       kMaxCertificate,
       &ServerHandshake::on_compressed_certificate,
       {State::kWaitCertificateVerify, State::kWaitFinished}},
      {State::kWaitCertificateVerify,
       HandshakeType::kCertificateVerify,
       kMaxCertificateVerify,
       &ServerHandshake::on_certificate_verify,
       {State::kWaitFinished}},
      {State::kWaitFinished,
       HandshakeType::kFinished,
       kMaxFinished,
       &ServerHandshake::on_finished,
       {State::kConnected}},
  }};
};

ServerHandshake::ServerHandshake(const ServerConfig& config, std::int64_t now)
    : config_(config),
      now_(now),
      client_(Role::kClient, config.signature_schemes),
      early_data_budget_(std::max<std::size_t>(kMaxSkippedEarlyData, config.max_early_data_size)) {
  static_assert(has_no_dead_ends(Table::kTransitions));
}

std::optional<std::size_t> ServerHandshake::max_body(HandshakeType type) const {
  return tls::max_body(Table::kTransitions, state_, type);
}

Result<void, Error> ServerHandshake::receive(const HandshakeMessage& message,
                                             HandshakeChannel channel) {
  return take_transition(Table::kTransitions, *this, state_, message, channel);
}

Result<bool, Error> ServerHandshake::skip_early_data(std::size_t size) {
  if (!skipping_early_data_) return false;
  if (size > early_data_budget_) return fail(Error::kTooMuchEarlyData);
  early_data_budget_ -= size;
  return true;
}

Result<bool, Error> ServerHandshake::receive_early_data(std::size_t size) {
  if (state_ != State::kWaitEndOfEarlyData) return false;
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
  if (hello->offers_early_data) negotiated_.early_data = EarlyDataOutcome::kRejected;
  skipping_early_data_ = hello->offers_early_data;
  transcript_.emplace(hash_algorithm());
  if (!hello->key_shares.find(negotiated_.group)) {
    return send_hello_retry_request(message, *hello, channel);
  }
  return send_server_flight(message, *hello, channel);
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
  // A client may remove pre-shared keys "which are incompatible with the server's indicated cipher
  // suite", and no others.
  if (session_offered_ && !hello->pre_shared_keys) return fail(Error::kRetryWithoutPreSharedKey);
  skipping_early_data_ = false;
  return send_server_flight(message, *hello, channel);
}

Result<ServerHandshake::State, Error> ServerHandshake::on_end_of_early_data(
    const HandshakeMessage& message, HandshakeChannel channel) {
  transcript_->add(message.encoded);
  const auto installed =
      channel.receive.install_keys(negotiated_.cipher_suite, handshake_secrets_.client);
  if (!installed) return fail(installed.error());
  return State::kWaitFinished;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_certificate(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  transcript_->add(message.encoded);
  return receive_chain(message.body());
}

Result<ServerHandshake::State, Error> ServerHandshake::on_compressed_certificate(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  if (!config_.compress_certificates) return fail(Error::kUnexpectedMessage);
  transcript_->add(message.encoded);
  const auto body = parse_compressed_certificate(message.body());
  if (!body) return fail(body.error());
  return receive_chain(*body);
}

Result<ServerHandshake::State, Error> ServerHandshake::receive_chain(Bytes body) {
  const auto certificate = parse_certificate(body, /*asked_for_status=*/false);
  if (!certificate) return fail(certificate.error());
  if (certificate->chain.empty()) {
    if (config_.client_certificates == ClientCertificates::kRequired) {
      return fail(Error::kCertificateRequired);
    }
    client_authenticated_ = PeerAuthenticated::anonymous_client();
    return State::kWaitFinished;
  }
  const bool report = config_.client_certificates == ClientCertificates::kReported;
  const auto received =
      client_.receive_certificate(*certificate, config_.verifier.get(), {}, now_ / 1000,
                                  report ? OnRefusal::kReport : OnRefusal::kFail);
  if (!received) return fail(received.error());
  return State::kWaitCertificateVerify;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_certificate_verify(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  auto authenticated =
      client_.receive_certificate_verify(message.body(), transcript_->hash().bytes());
  if (!authenticated) return fail(authenticated.error());
  transcript_->add(message.encoded);
  client_authenticated_ = *authenticated;
  negotiated_.peer = client_.peer();
  negotiated_.peer_signature_scheme = client_.scheme();
  return State::kWaitFinished;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_finished(const HandshakeMessage& message,
                                                                   HandshakeChannel channel) {
  const crypto::Digest expected = finished_verify_data(hash_algorithm(), handshake_secrets_.client,
                                                       transcript_->hash().bytes());
  const auto finished = verify_finished(message.body(), expected.bytes());
  if (!finished) return fail(finished.error());
  if (!client_authenticated_) return fail(Error::kInternal);
  const auto installed =
      channel.receive.install_keys(negotiated_.cipher_suite, application_secrets_.client);
  if (!installed) return fail(installed.error());
  transcript_->add(message.encoded);
  send_tickets(channel);
  return connect(*finished, *client_authenticated_);
}

ServerHandshake::State ServerHandshake::connect(FinishedVerified /*finished*/,
                                                PeerAuthenticated /*authenticated*/) {
  return State::kConnected;
}

Result<void, Error> ServerHandshake::negotiate(const ClientHello& hello) {
  if (!select_cipher_suite(hello.cipher_suites)) return fail(Error::kNoCommonCipherSuite);
  if (!select_group(hello)) return fail(Error::kNoCommonGroup);
  if (!select_application_protocol(hello)) return fail(Error::kNoCommonApplicationProtocol);
  negotiated_.server_name = hello.server_name;
  client_takes_tickets_ = hello.allows_psk_with_dhe;
  return {};
}

// A client that prefers ChaCha20 has no AES in hardware: what costs it least wins.
bool ServerHandshake::select_cipher_suite(CodePoints offered) {
  constexpr auto kChaCha20 = CipherSuite::kChaCha20Poly1305Sha256;
  if (offered[0] == std::to_underlying(kChaCha20) &&
      std::ranges::find(config_.cipher_suites, kChaCha20) != config_.cipher_suites.end()) {
    negotiated_.cipher_suite = kChaCha20;
    return true;
  }
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

bool ServerHandshake::select_application_protocol(const ClientHello& hello) {
  if (!hello.application_protocols || config_.application_protocols.empty()) return true;
  for (const std::string& protocol : config_.application_protocols) {
    if (!hello.offers_protocol(protocol)) continue;
    negotiated_.application_protocol = protocol;
    return true;
  }
  return false;
}

Result<void, Error> ServerHandshake::select_credential(const ClientHello& hello) {
  if (hello.signature_algorithms.size() == 0) return fail(Error::kMissingSignatureAlgorithms);
  const auto select_first = [&](const auto& fits) {
    for (const auto& credential : config_.credentials) {
      const auto scheme = common_scheme(*credential, hello.signature_algorithms);
      if (!scheme || !fits(*credential)) continue;
      credential_ = credential.get();
      negotiated_.signature_scheme = scheme;
      return true;
    }
    return false;
  };
  const std::string_view host = hello.server_name;
  const bool selected =
      select_first([host](const Credential& c) { return c.covers_exactly(host); }) ||
      select_first([host](const Credential& c) { return c.covers(host); }) ||
      select_first([](const Credential&) { return true; });
  if (!selected) return fail(Error::kNoCommonSignatureScheme);
  return {};
}

std::optional<SignatureScheme> ServerHandshake::common_scheme(const Credential& credential,
                                                              CodePoints offered) const {
  const auto scheme = std::ranges::find_if(credential.schemes, [offered](SignatureScheme s) {
    return offered.contains(static_cast<std::uint16_t>(s));
  });
  if (scheme == credential.schemes.end()) return std::nullopt;
  return *scheme;
}

// The first session that can be resumed; those behind it are not looked at.
std::optional<ServerHandshake::OfferedSession> ServerHandshake::find_session(
    const ClientHello& hello) const {
  if (!config_.tickets || !hello.pre_shared_keys || !hello.allows_psk_with_dhe) return std::nullopt;
  OfferedPsks::Cursor cursor(*hello.pre_shared_keys);
  for (std::uint16_t index = 0; index < kMaxTicketsTried && !cursor.done(); ++index) {
    const PskIdentity identity = cursor.identity();
    const Bytes binder = cursor.binder();
    auto session = open_ticket(identity.identity, hello);
    if (session) return OfferedSession{index, identity, binder, std::move(*session)};
  }
  return std::nullopt;
}

// "Prior to accepting PSK key establishment, the server MUST validate the corresponding binder
// value".
Result<void, Error> ServerHandshake::select_session(const HandshakeMessage& message,
                                                    const ClientHello& hello) {
  auto offered = find_session(hello);
  if (!offered) return {};
  Transcript covered = *transcript_;
  covered.add(
      message.encoded.first(message.encoded.size() - hello.pre_shared_keys->binders_size()));
  const crypto::Digest expected =
      EarlySecret(hash_algorithm(), offered->session.pre_shared_key.bytes())
          .resumption_binder(covered.hash().bytes());
  const auto verified = verify_binder(offered->binder, expected.bytes());
  if (!verified) return fail(verified.error());

  client_authenticated_ = PeerAuthenticated(*verified);
  selected_identity_ = offered->index;
  obfuscated_ticket_age_ = offered->identity.obfuscated_ticket_age;
  session_ = std::move(offered->session);
  negotiated_.resumed = true;
  negotiated_.peer = session_->peer;
  negotiated_.peer_signature_scheme = session_->peer_signature_scheme;
  if (accepts_early_data(hello)) {
    const std::int64_t expires = session_->issued_at + std::int64_t{session_->lifetime} * 1000;
    early_data_is_fresh_ = config_.replay_guard->first_use(offered->binder, now_, expires);
  }
  return {};
}

std::optional<Session> ServerHandshake::open_ticket(Bytes ticket, const ClientHello& hello) const {
  const auto state = config_.tickets->open(ticket);
  if (!state) return std::nullopt;
  auto session = decode_session(*state, config_.session_context);
  if (!session || !may_resume(*session, hello)) return std::nullopt;
  return session;
}

// A ticket says what was true when it was made. It is taken only where a full handshake would, by
// today's configuration, not find out more.
bool ServerHandshake::may_resume(const Session& session, const ClientHello& hello) const {
  if (!session.is_fresh(now_)) return false;
  if (hash_of(session.cipher_suite) != hash_algorithm()) return false;
  if (session.server_name != hello.server_name) return false;
  const bool authorized = session.peer && session.peer->authorized();
  switch (config_.client_certificates) {
    case ClientCertificates::kNone:
      return true;
    case ClientCertificates::kReported:
      return session.peer != nullptr;
    case ClientCertificates::kOptional:
    case ClientCertificates::kRequired:
      break;
  }
  if (!authorized) return false;
  if (!config_.verify_on_resumption || !config_.verifier) return true;
  const std::vector<Bytes> chain(session.peer->certificates.begin(),
                                 session.peer->certificates.end());
  const auto certificate = crypto::PeerCertificate::from_der(chain);
  return certificate && config_.verifier->verify(*certificate, {}, {}, now_ / 1000).has_value();
}

// Section 4.3.10: the first identity, the same suite and protocol, and a client whose clock says
// what ours does.
bool ServerHandshake::accepts_early_data(const ClientHello& hello) const {
  return hello.offers_early_data && config_.max_early_data_size > 0 && config_.replay_guard &&
         !negotiated_.did_hello_retry && selected_identity_ == 0 &&
         session_->max_early_data_size > 0 && session_->cipher_suite == negotiated_.cipher_suite &&
         session_->application_protocol == negotiated_.application_protocol && ticket_age_fits();
}

bool ServerHandshake::ticket_age_fits() const {
  const std::int64_t claimed =
      static_cast<std::uint32_t>(obfuscated_ticket_age_ - session_->age_add);
  const std::int64_t age = now_ - session_->issued_at;
  return age - claimed <= kMaxTicketAgeSkew && claimed - age <= kMaxTicketAgeSkew;
}

Result<ServerHandshake::State, Error> ServerHandshake::send_hello_retry_request(
    const HandshakeMessage& message, const ClientHello& hello, HandshakeChannel channel) {
  if (auto aligned = channel.receive.require_record_boundary(); !aligned) {
    return fail(aligned.error());
  }
  unchanging_parts_ = digest_of_unchanging_parts(message);
  session_offered_ = find_session(hello).has_value();
  transcript_->add(message.encoded);
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

// ServerHello, then under the handshake keys everything up to Finished. From there on this side
// sends under the application keys.
Result<ServerHandshake::State, Error> ServerHandshake::send_server_flight(
    const HandshakeMessage& message, const ClientHello& hello, HandshakeChannel channel) {
  if (auto selected = select_session(message, hello); !selected) return fail(selected.error());
  if (!session_) {
    if (auto selected = select_credential(hello); !selected) return fail(selected.error());
  }
  transcript_->add(message.encoded);
  const CipherSuite suite = negotiated_.cipher_suite;
  EarlySecret early_secret = session_
                                 ? EarlySecret(hash_algorithm(), session_->pre_shared_key.bytes())
                                 : EarlySecret(hash_algorithm());
  if (early_data_is_fresh_) {
    negotiated_.early_data = EarlyDataOutcome::kAccepted;
    skipping_early_data_ = false;
    early_data_budget_ = session_->max_early_data_size;
    early_secret_ = early_secret.client_traffic_secret(transcript_->hash().bytes());
    log("CLIENT_EARLY_TRAFFIC_SECRET", early_secret_);
  }

  Buffer server_hello;
  const auto shared_secret = exchange_keys(hello, server_hello);
  if (!shared_secret) return fail(shared_secret.error());
  transcript_->add(server_hello.bytes());
  HandshakeSecret handshake_secret =
      std::move(early_secret).extract_handshake_secret(shared_secret->bytes());
  handshake_secrets_ = handshake_secret.traffic_secrets(transcript_->hash().bytes());
  if (auto installed = install_first_read_keys(channel); !installed) {
    return fail(installed.error());
  }
  send_hello(server_hello.bytes(), hello, channel);
  channel.send.install_keys(Epoch::kHandshake, suite, handshake_secrets_.server);
  log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", handshake_secrets_.client);
  log("SERVER_HANDSHAKE_TRAFFIC_SECRET", handshake_secrets_.server);

  if (auto sent = send_encrypted_flight(hello, channel); !sent) return fail(sent.error());

  const crypto::Digest until_server_finished = transcript_->hash();
  main_secret_ = std::move(handshake_secret).extract_main_secret();
  application_secrets_ = main_secret_->traffic_secrets(until_server_finished.bytes());
  secrets_.exporter = main_secret_->exporter_secret(until_server_finished.bytes());
  channel.send.install_keys(Epoch::kApplication, suite, application_secrets_.server);
  log("CLIENT_TRAFFIC_SECRET_0", application_secrets_.client);
  log("SERVER_TRAFFIC_SECRET_0", application_secrets_.server);
  log("EXPORTER_SECRET", secrets_.exporter);
  if (early_data_is_fresh_) return State::kWaitEndOfEarlyData;
  if (asks_for_certificate()) return State::kWaitCertificate;
  if (!session_) client_authenticated_ = PeerAuthenticated::anonymous_client();
  return State::kWaitFinished;
}

bool ServerHandshake::asks_for_certificate() const {
  return !session_ && config_.client_certificates != ClientCertificates::kNone;
}

// The client's early data comes first, if it is read at all.
Result<void, Error> ServerHandshake::install_first_read_keys(HandshakeChannel channel) {
  channel.receive.limit_records(config_.record_size_limit);
  return channel.receive.install_keys(
      negotiated_.cipher_suite, early_data_is_fresh_ ? early_secret_ : handshake_secrets_.client);
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
  ServerHello answer{.random = random,
                     .legacy_session_id_echo = hello.legacy_session_id,
                     .cipher_suite = negotiated_.cipher_suite,
                     .group = negotiated_.group,
                     .key_exchange = share.public_value()};
  if (session_) answer.selected_identity = selected_identity_;
  write_server_hello(answer, server_hello);
  return std::move(*shared_secret);
}

// ServerHello or HelloRetryRequest. Behind the first of them goes a change_cipher_spec record if
// the client has asked for compatibility mode by a session identifier (section D.4).
void ServerHandshake::send_hello(Bytes encoded, const ClientHello& hello,
                                 HandshakeChannel channel) {
  channel.send.send(ContentType::kHandshake, encoded, channel.output);
  if (hello.legacy_session_id.empty() || compatibility_sent_) return;
  channel.send.send_change_cipher_spec(channel.output);
  compatibility_sent_ = true;
}

// EncryptedExtensions, then unless a session is resumed CertificateRequest, Certificate and
// CertificateVerify, then Finished, in as few records as possible.
Result<void, Error> ServerHandshake::send_encrypted_flight(const ClientHello& hello,
                                                           HandshakeChannel channel) {
  Buffer before;
  write_extensions(hello, channel, before);
  if (asks_for_certificate()) {
    write_certificate_request(offered_schemes(config_.signature_schemes),
                              config_.certificate_authorities, config_.compress_certificates,
                              before);
  }
  transcript_->add(before.bytes());
  Bytes certificate;
  Buffer after;
  if (!session_) {
    certificate = credential_->certificate_message(
        hello.asks_for_status, config_.compress_certificates && hello.takes_compressed_certificate);
    transcript_->add(certificate);
    if (!write_signature(after)) return fail(Error::kInternal);
  }
  write_finished_message(after);
  const std::array<Bytes, 3> flight = {before.bytes(), certificate, after.bytes()};
  channel.send.send(ContentType::kHandshake, flight, channel.output);
  return {};
}

// Also applies what the extensions say about records.
void ServerHandshake::write_extensions(const ClientHello& hello, HandshakeChannel channel,
                                       Buffer& out) {
  EncryptedExtensions extensions{
      .application_protocol = negotiated_.application_protocol,
      .acknowledges_server_name = !hello.server_name.empty() && !session_,
      .accepts_early_data = early_data_is_fresh_};
  if (hello.record_size_limit) {
    channel.send.limit_records(*hello.record_size_limit);
    extensions.record_size_limit = config_.record_size_limit;
  }
  channel.send.pad_to_multiple_of(config_.padding_block);
  write_encrypted_extensions(extensions, out);
}

// CertificateVerify over the transcript so far; enters the transcript.
bool ServerHandshake::write_signature(Buffer& out) {
  const SignatureScheme scheme = *negotiated_.signature_scheme;
  const Buffer content = signature_content(Role::kServer, transcript_->hash().bytes());
  Buffer signature;
  if (!credential_->key.sign(scheme, content.bytes(), signature)) return false;
  write_certificate_verify({scheme, signature.bytes()}, out);
  transcript_->add(out.bytes());
  return true;
}

// Appended behind messages that are in the transcript already.
void ServerHandshake::write_finished_message(Buffer& out) {
  const std::size_t begin = out.size();
  write_finished(
      finished_verify_data(hash_algorithm(), handshake_secrets_.server, transcript_->hash().bytes())
          .bytes(),
      out);
  transcript_->add(out.bytes().subspan(begin));
}

void ServerHandshake::send_tickets(HandshakeChannel channel) {
  if (!config_.tickets || !client_takes_tickets_) return;
  const crypto::Secret resumption_secret =
      main_secret_->resumption_secret(transcript_->hash().bytes());
  Buffer tickets;
  for (std::uint8_t number = 0; number < config_.tickets_per_handshake; ++number) {
    if (!write_ticket(number, resumption_secret, tickets)) break;
  }
  if (!tickets.empty()) {
    channel.send.send(ContentType::kHandshake, tickets.bytes(), channel.output);
  }
}

// False if the session does not fit into a ticket.
bool ServerHandshake::write_ticket(std::uint8_t number, const crypto::Secret& resumption_secret,
                                   Buffer& out) const {
  const std::array<std::uint8_t, 1> nonce = {number};
  Session session;
  session.cipher_suite = negotiated_.cipher_suite;
  session.pre_shared_key = resumption_key(hash_algorithm(), resumption_secret, nonce);
  session.issued_at = now_;
  session.lifetime = std::min(config_.ticket_lifetime, kMaxTicketLifetime);
  session.age_add = random_u32(entropy_of(config_));
  if (config_.replay_guard) session.max_early_data_size = config_.max_early_data_size;
  session.server_name = negotiated_.server_name;
  session.application_protocol = negotiated_.application_protocol;
  session.peer_signature_scheme = negotiated_.peer_signature_scheme;
  session.peer = negotiated_.peer;

  Buffer state;
  if (!encode_session(session, config_.session_context, state)) return false;
  Buffer ticket;
  config_.tickets->seal(state.bytes(), ticket);
  crypto::cleanse(state.mutable_bytes());
  write_new_session_ticket({.lifetime = session.lifetime,
                            .age_add = session.age_add,
                            .nonce = nonce,
                            .ticket = ticket.bytes(),
                            .max_early_data_size = session.max_early_data_size},
                           out);
  return true;
}

void ServerHandshake::log(std::string_view label, const crypto::Secret& secret) const {
  log_secret(config_.key_log, label, client_random_, secret);
}

crypto::HashAlgorithm ServerHandshake::hash_algorithm() const {
  return hash_of(negotiated_.cipher_suite);
}

}  // namespace heliograph::tls
