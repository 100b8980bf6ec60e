#include "tls/server_handshake.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "tls/certificate_request.hpp"
#include "tls/early_data.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/new_session_ticket.hpp"
#include "tls/server_hello.hpp"
#include "tls/ticket.hpp"
#include "tls/transitions.hpp"

namespace heliograph::tls {
namespace {

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
       &ServerHandshake::on_certificate,
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

// A client may have sent by its ticket what we let clients send, in records as small as it likes.
ServerHandshake::ServerHandshake(std::shared_ptr<const ServerConfig> config, std::int64_t now)
    : Handshake(*config, Role::kServer, now),
      config_(std::move(config)),
      early_data_budget_(std::max<std::size_t>(kMaxSkippedEarlyData,
                                               2 * std::size_t{config_->max_early_data_size})) {
  static_assert(has_no_dead_ends(Table::kTransitions));
  check(*config_);
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
  if (auto spent = spend_early_data(size); !spent) return fail(spent.error());
  return true;
}

Result<bool, Error> ServerHandshake::receive_early_data(std::size_t size) {
  if (state_ != State::kWaitEndOfEarlyData) return false;
  if (auto spent = spend_early_data(size); !spent) return fail(spent.error());
  return true;
}

Result<void, Error> ServerHandshake::spend_early_data(std::size_t size) {
  if (size > early_data_budget_) return fail(Error::kTooMuchEarlyData);
  early_data_budget_ -= size;
  return {};
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
  if (limits_records_) channel.receive.limit_records(config_->record_size_limit);
  return State::kWaitFinished;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_certificate(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  const bool report = config_->client_certificates == ClientCertificates::kReported;
  const auto presented = receive_certificate(message, /*asked_for_status=*/false, {},
                                             report ? OnRefusal::kReport : OnRefusal::kFail);
  if (!presented) return fail(presented.error());
  if (*presented) return State::kWaitCertificateVerify;
  if (config_->client_certificates == ClientCertificates::kRequired) {
    return fail(Error::kCertificateRequired);
  }
  authenticated_ = PeerAuthenticated::anonymous_client();
  return State::kWaitFinished;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_certificate_verify(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  if (auto received = receive_certificate_verify(message); !received) {
    return fail(received.error());
  }
  return State::kWaitFinished;
}

Result<ServerHandshake::State, Error> ServerHandshake::on_finished(const HandshakeMessage& message,
                                                                   HandshakeChannel channel) {
  const auto finished = receive_finished(message);
  if (!finished) return fail(finished.error());
  const auto installed =
      channel.receive.install_keys(negotiated_.cipher_suite, application_secrets_.client);
  if (!installed) return fail(installed.error());
  send_tickets(channel);
  return connect(*finished, *authenticated_);
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
      std::ranges::find(config_->cipher_suites, kChaCha20) != config_->cipher_suites.end()) {
    negotiated_.cipher_suite = kChaCha20;
    return true;
  }
  for (const CipherSuite suite : config_->cipher_suites) {
    if (!offered.contains(static_cast<std::uint16_t>(suite))) continue;
    negotiated_.cipher_suite = suite;
    return true;
  }
  return false;
}

bool ServerHandshake::select_group(const ClientHello& hello) {
  const auto select_first = [this](const auto& is_usable) {
    const auto group = std::ranges::find_if(config_->groups, is_usable);
    if (group == config_->groups.end()) return false;
    negotiated_.group = *group;
    return true;
  };
  return select_first([&](NamedGroup group) { return hello.key_shares.find(group).has_value(); }) ||
         select_first([&](NamedGroup group) {
           return hello.supported_groups.contains(static_cast<std::uint16_t>(group));
         });
}

bool ServerHandshake::select_application_protocol(const ClientHello& hello) {
  if (!hello.application_protocols || config_->application_protocols.empty()) return true;
  for (const std::string& protocol : config_->application_protocols) {
    if (!hello.offers_protocol(protocol)) continue;
    negotiated_.application_protocol = protocol;
    return true;
  }
  return false;
}

Result<void, Error> ServerHandshake::select_credential(const ClientHello& hello) {
  if (hello.signature_algorithms.size() == 0) return fail(Error::kMissingSignatureAlgorithms);
  const std::vector<SignatureScheme> offered = known_schemes(hello.signature_algorithms);
  const auto select_first = [&](const auto& fits) {
    for (const auto& credential : config_->credentials) {
      if (!fits(*credential)) continue;
      const auto scheme = credential->first_scheme_in(offered);
      if (!scheme) continue;
      negotiated_.credential = credential;
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
  negotiated_.authenticated_at = now_;
  return {};
}

// The first session that can be resumed; those behind it are not looked at.
std::optional<ServerHandshake::OfferedSession> ServerHandshake::find_session(
    const ClientHello& hello) const {
  if (!config_->tickets || !hello.pre_shared_keys || !hello.allows_psk_with_dhe)
    return std::nullopt;
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
  EarlySecret early_secret(hash_algorithm(), offered->session.pre_shared_key.bytes());
  const crypto::Digest expected = early_secret.resumption_binder(covered.hash().bytes());
  const auto verified = verify_binder(offered->binder, expected.bytes());
  if (!verified) return fail(verified.error());

  authenticated_ = PeerAuthenticated(*verified);
  selected_identity_ = offered->index;
  resume(offered->session, negotiated_);
  const std::int64_t expires =
      offered->session.issued_at + std::int64_t{offered->session.lifetime} * 1000;
  if (accepts_early_data(hello, *offered) &&
      config_->replay_guard->first_use(offered->binder, now_, expires)) {
    negotiated_.early_data = EarlyDataOutcome::kAccepted;
  }
  session_ = std::move(offered->session);
  early_secret_ = std::move(early_secret);
  return {};
}

std::optional<Session> ServerHandshake::open_ticket(Bytes ticket, const ClientHello& hello) const {
  auto state = config_->tickets->open(ticket);
  if (!state) return std::nullopt;
  auto session = decode_session(*state, config_->session_context);
  crypto::cleanse(*state);
  if (!session || !may_resume(*session, hello)) return std::nullopt;
  return session;
}

// A ticket says what was true when it was made. It is taken only where a full handshake would, by
// today's configuration, not find out more.
bool ServerHandshake::may_resume(const Session& session, const ClientHello& hello) const {
  if (!session.is_fresh(now_) || session.server_name != hello.server_name ||
      hash_of(session.cipher_suite) != hash_algorithm()) {
    return false;
  }
  switch (config_->client_certificates) {
    case ClientCertificates::kNone:
      return true;
    case ClientCertificates::kReported:
      if (!session.peer) return false;
      break;
    case ClientCertificates::kOptional:
    case ClientCertificates::kRequired:
      if (!session.peer || !session.peer->authorized()) return false;
      break;
  }
  return !config_->verify_on_resumption ||
         verify_again(*session.peer, *config_->verifier, {}, now_).has_value() ==
             session.peer->authorized();
}

// Section 4.3.10: the first identity, the same suite and protocol, and a client whose clock says
// what ours does.
bool ServerHandshake::accepts_early_data(const ClientHello& hello,
                                         const OfferedSession& offered) const {
  const Session& session = offered.session;
  return hello.offers_early_data && config_->max_early_data_size > 0 && config_->replay_guard &&
         !negotiated_.did_hello_retry && offered.index == 0 && session.max_early_data_size > 0 &&
         session.cipher_suite == negotiated_.cipher_suite &&
         session.application_protocol == negotiated_.application_protocol &&
         ticket_age_fits(offered);
}

bool ServerHandshake::ticket_age_fits(const OfferedSession& offered) const {
  const std::int64_t claimed =
      static_cast<std::uint32_t>(offered.identity.obfuscated_ticket_age - offered.session.age_add);
  const std::int64_t age = now_ - offered.session.issued_at;
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
  if (!early_secret_) early_secret_ = EarlySecret(hash_algorithm());
  if (takes_early_data()) {
    skipping_early_data_ = false;
    early_data_budget_ = session_->max_early_data_size;
    early_traffic_secret_ = early_secret_->client_traffic_secret(transcript_->hash().bytes());
    log("CLIENT_EARLY_TRAFFIC_SECRET", early_traffic_secret_);
  }

  Buffer server_hello;
  const auto shared_secret = exchange_keys(hello, server_hello);
  if (!shared_secret) return fail(shared_secret.error());
  transcript_->add(server_hello.bytes());
  derive_handshake_secrets(*std::exchange(early_secret_, std::nullopt), *shared_secret);
  const auto installed = channel.receive.install_keys(
      suite, takes_early_data() ? early_traffic_secret_ : handshake_secrets_.client);
  if (!installed) return fail(installed.error());
  send_hello(server_hello.bytes(), hello, channel);
  channel.send.install_keys(Epoch::kHandshake, suite, handshake_secrets_.server);
  if (auto sent = send_encrypted_flight(hello, channel); !sent) return fail(sent.error());

  derive_application_secrets();
  channel.send.install_keys(Epoch::kApplication, suite, application_secrets_.server);
  if (takes_early_data()) return State::kWaitEndOfEarlyData;
  if (asks_for_certificate()) return State::kWaitCertificate;
  if (!session_) authenticated_ = PeerAuthenticated::anonymous_client();
  return State::kWaitFinished;
}

bool ServerHandshake::asks_for_certificate() const {
  return !session_ && config_->client_certificates != ClientCertificates::kNone;
}

// Writes ServerHello with our share; the result is the shared secret.
Result<crypto::Secret, Error> ServerHandshake::exchange_keys(const ClientHello& hello,
                                                             Buffer& server_hello) {
  std::array<std::uint8_t, kRandomSize> random;
  entropy().fill_random(random);
  const crypto::KeyShare share = entropy().make_key_share(negotiated_.group);
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
  if (!hello.legacy_session_id.empty()) send_compatibility(channel);
}

// EncryptedExtensions, then unless a session is resumed CertificateRequest, Certificate and
// CertificateVerify, then Finished, in as few records as possible.
Result<void, Error> ServerHandshake::send_encrypted_flight(const ClientHello& hello,
                                                           HandshakeChannel channel) {
  Buffer before;
  write_encrypted_extensions(answer_extensions(hello, channel), before);
  if (asks_for_certificate()) {
    write_certificate_request(offered_schemes(config_->signature_schemes),
                              config_->certificate_authorities, config_->compress_certificates,
                              before);
  }
  transcript_->add(before.bytes());
  Bytes certificate;
  Buffer after;
  if (!session_) {
    const Credential& credential = *negotiated_.credential;
    certificate = credential.certificate_message(
        hello.asks_for_status,
        config_->compress_certificates && hello.takes_compressed_certificate);
    transcript_->add(certificate);
    if (auto written = write_signature(credential, after); !written) return written;
  }
  write_finished(after);
  channel.send.pad_to_multiple_of(config_->padding_block);
  const std::array<Bytes, 3> flight = {before.bytes(), certificate, after.bytes()};
  channel.send.send(ContentType::kHandshake, flight, channel.output);
  return {};
}

// Also applies what is agreed upon about records. Early data was sent before that.
EncryptedExtensions ServerHandshake::answer_extensions(const ClientHello& hello,
                                                       HandshakeChannel channel) {
  EncryptedExtensions extensions{
      .application_protocol = negotiated_.application_protocol,
      .acknowledges_server_name = !hello.server_name.empty() && !session_,
      .accepts_early_data = takes_early_data()};
  if (hello.record_size_limit) {
    extensions.record_size_limit = config_->record_size_limit;
    channel.send.limit_records(*hello.record_size_limit);
    limits_records_ = true;
    if (!takes_early_data()) channel.receive.limit_records(config_->record_size_limit);
  }
  return extensions;
}

void ServerHandshake::send_tickets(HandshakeChannel channel) {
  if (!config_->tickets || !client_takes_tickets_) return;
  const crypto::Secret secret = resumption_secret();
  Buffer tickets;
  const std::uint8_t most = session_ ? 1 : UINT8_MAX;
  const std::uint8_t count = std::min(config_->tickets_per_handshake, most);
  for (std::uint8_t number = 0; number < count; ++number) {
    if (!write_ticket(number, secret, tickets)) break;
  }
  if (!tickets.empty()) {
    channel.send.send(ContentType::kHandshake, tickets.bytes(), channel.output);
  }
}

// False if the session does not fit into a ticket.
bool ServerHandshake::write_ticket(std::uint8_t number, const crypto::Secret& resumption_secret,
                                   Buffer& out) const {
  const std::array<std::uint8_t, 1> nonce = {number};
  Session session =
      make_session(negotiated_, resumption_key(hash_algorithm(), resumption_secret, nonce));
  session.issued_at = now_;
  session.lifetime = std::min(config_->ticket_lifetime, kMaxTicketLifetime);
  session.age_add = random_u32(entropy());
  if (config_->replay_guard) session.max_early_data_size = config_->max_early_data_size;

  Buffer state;
  const bool fits = encode_session(session, config_->session_context, state);
  Buffer ticket;
  if (fits) config_->tickets->seal(state.bytes(), ticket);
  crypto::cleanse(state.mutable_bytes());
  if (!fits) return false;
  write_new_session_ticket({.lifetime = session.lifetime,
                            .age_add = session.age_add,
                            .nonce = nonce,
                            .ticket = ticket.bytes(),
                            .max_early_data_size = session.max_early_data_size},
                           out);
  return true;
}

}  // namespace heliograph::tls
