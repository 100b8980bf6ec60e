#include "tls/client_handshake.hpp"

#include <algorithm>
#include <utility>

#include "tls/compressed_certificate.hpp"
#include "tls/entropy.hpp"
#include "tls/transitions.hpp"

namespace heliograph::tls {
namespace {

const Entropy& entropy_of(const ClientConfig& config) {
  return config.entropy ? *config.entropy : system_entropy();
}

template <class Value>
bool contains(const std::vector<Value>& list, Value value) {
  return std::ranges::find(list, value) != list.end();
}

template <class Value>
std::vector<std::uint16_t> code_points_of(const std::vector<Value>& list) {
  std::vector<std::uint16_t> values;
  for (const Value value : list) values.push_back(std::to_underlying(value));
  return values;
}

bool is_usable(const ClientSession& session, const ClientConfig& config, const ServerName& name,
               std::int64_t now) {
  return session.session.is_fresh(now) && session.session.server_name == name.text() &&
         contains(config.cipher_suites, session.session.cipher_suite);
}

// Early data is in the session's protocol, which has to be on offer.
bool takes_early_data(const Session& session, const ClientConfig& config) {
  const std::string& protocol = session.application_protocol;
  return session.max_early_data_size > 0 &&
         (protocol.empty() || contains(config.application_protocols, protocol));
}

}  // namespace

struct ClientHandshake::Table {
  static constexpr Transitions<ClientHandshake, 10> kTransitions = {{
      {State::kWaitServerHello,
       HandshakeType::kServerHello,
       kMaxServerHello,
       &ClientHandshake::on_server_hello,
       {State::kWaitSecondServerHello, State::kWaitEncryptedExtensions}},
      {State::kWaitSecondServerHello,
       HandshakeType::kServerHello,
       kMaxServerHello,
       &ClientHandshake::on_server_hello,
       {State::kWaitEncryptedExtensions}},
      {State::kWaitEncryptedExtensions,
       HandshakeType::kEncryptedExtensions,
       kMaxEncryptedExtensions,
       &ClientHandshake::on_encrypted_extensions,
       {State::kWaitCertificateOrRequest, State::kWaitFinished}},
      {State::kWaitCertificateOrRequest,
       HandshakeType::kCertificateRequest,
       kMaxCertificateRequest,
       &ClientHandshake::on_certificate_request,
       {State::kWaitCertificate}},
      {State::kWaitCertificateOrRequest,
       HandshakeType::kCertificate,
       kMaxCertificate,
       &ClientHandshake::on_certificate,
       {State::kWaitCertificateVerify}},
      {State::kWaitCertificateOrRequest,
       HandshakeType::kCompressedCertificate,
       kMaxCertificate,
       &ClientHandshake::on_compressed_certificate,
       {State::kWaitCertificateVerify}},
      {State::kWaitCertificate,
       HandshakeType::kCertificate,
       kMaxCertificate,
       &ClientHandshake::on_certificate,
       {State::kWaitCertificateVerify}},
      {State::kWaitCertificate,
       HandshakeType::kCompressedCertificate,
       kMaxCertificate,
       &ClientHandshake::on_compressed_certificate,
       {State::kWaitCertificateVerify}},
      {State::kWaitCertificateVerify,
       HandshakeType::kCertificateVerify,
       kMaxCertificateVerify,
       &ClientHandshake::on_certificate_verify,
       {State::kWaitFinished}},
      {State::kWaitFinished,
       HandshakeType::kFinished,
       kMaxFinished,
       &ClientHandshake::on_finished,
       {State::kConnected}},
  }};
};

ClientHandshake::ClientHandshake(const ClientConfig& config, const ServerName& server_name,
                                 std::int64_t now, std::shared_ptr<const ClientSession> session)
    : config_(config),
      server_name_(server_name),
      now_(now),
      server_(Role::kServer, config.signature_schemes) {
  static_assert(has_no_dead_ends(Table::kTransitions));
  if (session && is_usable(*session, config, server_name, now)) session_ = std::move(session);
  negotiated_.server_name = server_name.text();
}

void ClientHandshake::start(HandshakeChannel channel) {
  const Entropy& entropy = entropy_of(config_);
  entropy.fill_random(random_);
  entropy.fill_random(legacy_session_id_);
  if (config_.grease) entropy.fill_random(grease_);
  if (config_.permute_extensions) {
    std::array<std::uint8_t, 8> bits;
    entropy.fill_random(bits);
    order_ = Reader(bits).u64();
  }
  early_data_offered_ =
      config_.early_data && session_ && takes_early_data(session_->session, config_);
  if (early_data_offered_) negotiated_.early_data = EarlyDataOutcome::kRejected;
  make_key_shares();
  write_hello(first_hello_);
  channel.send.send(ContentType::kHandshake, first_hello_.bytes(), channel.output);
  channel.send.pad_to_multiple_of(config_.padding_block);
  channel.receive.limit_records(config_.record_size_limit);
  if (early_data_offered_) install_early_keys(channel);
  state_ = State::kWaitServerHello;
}

bool ClientHandshake::may_send_early_data() const {
  if (!early_data_offered_ || negotiated_.did_hello_retry) return false;
  return state_ == State::kWaitServerHello || state_ == State::kWaitEncryptedExtensions ||
         negotiated_.early_data == EarlyDataOutcome::kAccepted;
}

std::optional<std::size_t> ClientHandshake::max_body(HandshakeType type) const {
  return tls::max_body(Table::kTransitions, state_, type);
}

Result<void, Error> ClientHandshake::receive(const HandshakeMessage& message,
                                             HandshakeChannel channel) {
  return take_transition(Table::kTransitions, *this, state_, message, channel);
}

void ClientHandshake::make_key_shares() {
  const Entropy& entropy = entropy_of(config_);
  const std::vector<NamedGroup> first = {config_.groups.front()};
  for (const NamedGroup group : config_.key_share_groups.value_or(first)) {
    key_shares_.push_back(entropy.make_key_share(group));
  }
}

void ClientHandshake::write_hello(Buffer& out) {
  write_client_hello(make_offer(), out);
  if (session_) fill_in_binder(out);
}

ClientHelloOffer ClientHandshake::make_offer() const {
  ClientHelloOffer offer;
  offer.random = random_;
  offer.legacy_session_id = legacy_session_id_;
  offer.cipher_suites = code_points_of(config_.cipher_suites);
  offer.supported_groups = code_points_of(config_.groups);
  offer.signature_algorithms = offered_schemes(config_.signature_schemes);
  for (const crypto::KeyShare& share : key_shares_) {
    offer.key_shares.push_back({std::to_underlying(share.group()), share.public_value()});
  }
  offer.server_name = server_name_.sni();
  offer.application_protocols = config_.application_protocols;
  offer.answers_retry_request = negotiated_.did_hello_retry;
  offer.cookie = cookie_;
  offer.record_size_limit = config_.record_size_limit;
  offer.asks_for_status = config_.ask_for_status;
  offer.takes_compressed_certificate = config_.compress_certificates;
  if (config_.grease) offer.grease = grease_;
  if (config_.permute_extensions) offer.order = order_;
  if (session_) {
    const Session& session = session_->session;
    const auto age = static_cast<std::uint32_t>(now_ - session.issued_at);
    offer.pre_shared_key = PskIdentity{session_->ticket, age + session.age_add};
    offer.binder_size = crypto::digest_size(hash_of(session.cipher_suite));
    offer.early_data = early_data_offered_ && !negotiated_.did_hello_retry;
  }
  return offer;
}

// The binder covers everything in front of the list of binders, and what was exchanged before.
void ClientHandshake::fill_in_binder(Buffer& hello) const {
  const Session& session = session_->session;
  const crypto::HashAlgorithm hash = hash_of(session.cipher_suite);
  const std::size_t size = crypto::digest_size(hash);
  Transcript covered = transcript_ ? *transcript_ : Transcript(hash);
  covered.add(hello.bytes().first(hello.size() - binders_size(size)));
  const crypto::Digest binder =
      EarlySecret(hash, session.pre_shared_key.bytes()).resumption_binder(covered.hash().bytes());
  std::ranges::copy(binder.bytes(), hello.mutable_bytes().last(size).begin());
}

void ClientHandshake::install_early_keys(HandshakeChannel channel) {
  const Session& session = session_->session;
  const crypto::HashAlgorithm hash = hash_of(session.cipher_suite);
  const crypto::Secret secret =
      EarlySecret(hash, session.pre_shared_key.bytes())
          .client_traffic_secret(crypto::hash(hash, first_hello_.bytes()).bytes());
  log("CLIENT_EARLY_TRAFFIC_SECRET", secret);
  send_compatibility(channel);
  channel.send.install_keys(Epoch::kEarlyData, session.cipher_suite, secret);
}

Result<ClientHandshake::State, Error> ClientHandshake::on_server_hello(
    const HandshakeMessage& message, HandshakeChannel channel) {
  const auto hello = parse_server_hello(message.body());
  if (!hello) return fail(hello.error());
  if (auto checked = check_answer(*hello); !checked) return fail(checked.error());
  if (hello->is_hello_retry_request()) return retry(message, *hello, channel);
  return accept(message, *hello, channel);
}

// What holds for ServerHello and HelloRetryRequest.
Result<void, Error> ClientHandshake::check_answer(const ServerHello& hello) const {
  if (!equal(hello.legacy_session_id_echo, legacy_session_id_)) {
    return fail(Error::kSessionIdNotEchoed);
  }
  if (!contains(config_.cipher_suites, hello.cipher_suite)) {
    return fail(Error::kUnofferedCipherSuite);
  }
  if (negotiated_.did_hello_retry && hello.cipher_suite != negotiated_.cipher_suite) {
    return fail(Error::kUnofferedCipherSuite);
  }
  return {};
}

Result<ClientHandshake::State, Error> ClientHandshake::retry(const HandshakeMessage& message,
                                                             const ServerHello& hello,
                                                             HandshakeChannel channel) {
  if (auto checked = check_retry(hello); !checked) return fail(checked.error());
  if (auto aligned = channel.receive.require_record_boundary(); !aligned) {
    return fail(aligned.error());
  }
  negotiated_.did_hello_retry = true;
  negotiated_.cipher_suite = hello.cipher_suite;
  cookie_.assign(hello.cookie.begin(), hello.cookie.end());
  requested_group_ = hello.group;
  if (hello.group) {
    key_shares_.clear();
    key_shares_.push_back(entropy_of(config_).make_key_share(*hello.group));
  }
  // "the client MUST [...] update the pre_shared_key extension [...] and optionally removing any
  // PSKs which are incompatible with the server's indicated cipher suite."
  if (session_ && hash_of(session_->session.cipher_suite) != hash_algorithm()) session_.reset();
  channel.send.remove_keys();

  transcript_.emplace(hash_algorithm());
  transcript_->add(first_hello_.bytes());
  transcript_->replace_by_message_hash();
  transcript_->add(message.encoded);
  Buffer second_hello;
  write_hello(second_hello);
  transcript_->add(second_hello.bytes());
  send_compatibility(channel);
  channel.send.send(ContentType::kHandshake, second_hello.bytes(), channel.output);
  return State::kWaitSecondServerHello;
}

Result<void, Error> ClientHandshake::check_retry(const ServerHello& hello) const {
  if (negotiated_.did_hello_retry) return fail(Error::kSecondRetryRequest);
  if (!hello.group) {
    if (hello.cookie.empty()) return fail(Error::kRetryChangesNothing);
    return {};
  }
  if (!contains(config_.groups, *hello.group)) return fail(Error::kUnofferedGroup);
  // "if the selected_group field [...] corresponds to a group which was provided in the key_share
  // extension in the original ClientHello": nothing would change.
  if (find_share(*hello.group) != nullptr) return fail(Error::kRetryChangesNothing);
  return {};
}

Result<ClientHandshake::State, Error> ClientHandshake::accept(const HandshakeMessage& message,
                                                              const ServerHello& hello,
                                                              HandshakeChannel channel) {
  negotiated_.cipher_suite = hello.cipher_suite;
  negotiated_.group = *hello.group;
  if (!transcript_) {
    transcript_.emplace(hash_algorithm());
    transcript_->add(first_hello_.bytes());
  }
  transcript_->add(message.encoded);

  const crypto::KeyShare* share = find_share(*hello.group);
  if (share == nullptr || (requested_group_ && *requested_group_ != *hello.group)) {
    return fail(Error::kUnofferedGroup);
  }
  if (auto resumed = resume(hello); !resumed) return fail(resumed.error());
  const auto shared_secret = share->derive(hello.key_exchange);
  if (!shared_secret) return fail(Error::kBadKeyShare);

  EarlySecret early_secret =
      negotiated_.resumed ? EarlySecret(hash_algorithm(), session_->session.pre_shared_key.bytes())
                          : EarlySecret(hash_algorithm());
  handshake_secret_ = std::move(early_secret).extract_handshake_secret(shared_secret->bytes());
  handshake_secrets_ = handshake_secret_->traffic_secrets(transcript_->hash().bytes());
  log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", handshake_secrets_.client);
  log("SERVER_HANDSHAKE_TRAFFIC_SECRET", handshake_secrets_.server);
  const auto installed =
      channel.receive.install_keys(negotiated_.cipher_suite, handshake_secrets_.server);
  if (!installed) return fail(installed.error());
  key_shares_.clear();
  first_hello_.release();
  // With early data, its keys stay until it is over.
  if (channel.send.epoch() == Epoch::kUnprotected) {
    send_compatibility(channel);
    channel.send.install_keys(Epoch::kHandshake, negotiated_.cipher_suite,
                              handshake_secrets_.client);
  }
  return State::kWaitEncryptedExtensions;
}

// "Clients MUST verify that the server's selected_identity is within the range supplied by the
// client [and] that the server selected a cipher suite indicating a Hash associated with the PSK".
Result<void, Error> ClientHandshake::resume(const ServerHello& hello) {
  if (!hello.selected_identity) return {};
  if (!session_) return fail(Error::kUnsolicitedExtension);
  const Session& session = session_->session;
  if (*hello.selected_identity != 0 || hash_of(session.cipher_suite) != hash_algorithm()) {
    return fail(Error::kUnofferedPreSharedKey);
  }
  server_authenticated_ = PeerAuthenticated(BinderVerified::selected_by_server());
  negotiated_.resumed = true;
  negotiated_.peer = session.peer;
  negotiated_.peer_signature_scheme = session.peer_signature_scheme;
  return {};
}

const crypto::KeyShare* ClientHandshake::find_share(NamedGroup group) const {
  const auto share = std::ranges::find(key_shares_, group, &crypto::KeyShare::group);
  return share == key_shares_.end() ? nullptr : &*share;
}

Result<ClientHandshake::State, Error> ClientHandshake::on_encrypted_extensions(
    const HandshakeMessage& message, HandshakeChannel channel) {
  transcript_->add(message.encoded);
  const auto extensions = parse_encrypted_extensions(
      message.body(), {.server_name = !server_name_.sni().empty(),
                       .application_protocols = !config_.application_protocols.empty(),
                       .record_size_limit = true,
                       .early_data = early_data_offered_ && !negotiated_.did_hello_retry});
  if (!extensions) return fail(extensions.error());
  if (auto applied = apply(*extensions, channel); !applied) return fail(applied.error());
  if (!negotiated_.resumed) return State::kWaitCertificateOrRequest;
  if (auto verified = verify_resumed_server(); !verified) return fail(verified.error());
  return State::kWaitFinished;
}

Result<void, Error> ClientHandshake::apply(const EncryptedExtensions& extensions,
                                           HandshakeChannel channel) {
  const std::string protocol(extensions.application_protocol);
  if (!protocol.empty() && !contains(config_.application_protocols, protocol)) {
    return fail(Error::kUnofferedProtocol);
  }
  negotiated_.application_protocol = protocol;
  if (extensions.accepts_early_data) {
    const bool fits = negotiated_.resumed &&
                      session_->session.cipher_suite == negotiated_.cipher_suite &&
                      session_->session.application_protocol == protocol;
    if (!fits) return fail(Error::kUnofferedEarlyData);
    negotiated_.early_data = EarlyDataOutcome::kAccepted;
  } else if (channel.send.epoch() == Epoch::kEarlyData) {
    channel.send.install_keys(Epoch::kHandshake, negotiated_.cipher_suite,
                              handshake_secrets_.client);
  }
  if (extensions.record_size_limit) channel.send.limit_records(*extensions.record_size_limit);
  return {};
}

Result<void, Error> ClientHandshake::verify_resumed_server() const {
  if (!config_.verify_on_resumption || !negotiated_.peer) return {};
  const std::vector<Bytes> chain(negotiated_.peer->certificates.begin(),
                                 negotiated_.peer->certificates.end());
  const auto certificate = crypto::PeerCertificate::from_der(chain);
  if (!certificate) return fail(Error::kCertificateUnparsable);
  return config_.verifier->verify(*certificate, negotiated_.peer->ocsp_response,
                                  server_name_.text(), now_ / 1000);
}

Result<ClientHandshake::State, Error> ClientHandshake::on_certificate_request(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  transcript_->add(message.encoded);
  const auto request = parse_certificate_request(message.body());
  if (!request) return fail(request.error());
  certificate_requested_ = true;
  compress_certificate_ = config_.compress_certificates && request->takes_compressed_certificate;
  select_credential(*request);
  return State::kWaitCertificate;
}

// The first whose chain leads to an authority that the server names, if it names any, and whose key
// signs by a scheme that the server takes.
void ClientHandshake::select_credential(const CertificateRequest& request) {
  const auto issued_by_one_of = [&request](const Credential& credential) {
    return request.certificate_authorities.empty() ||
           std::ranges::any_of(request.certificate_authorities, [&credential](Bytes name) {
             return std::ranges::any_of(credential.issuers,
                                        [name](const auto& issuer) { return equal(issuer, name); });
           });
  };
  for (const auto& credential : config_.credentials) {
    if (!issued_by_one_of(*credential)) continue;
    for (const SignatureScheme scheme : credential->schemes) {
      if (!request.signature_algorithms.contains(std::to_underlying(scheme))) continue;
      credential_ = credential.get();
      negotiated_.signature_scheme = scheme;
      return;
    }
  }
}

Result<ClientHandshake::State, Error> ClientHandshake::on_certificate(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  transcript_->add(message.encoded);
  return receive_chain(message.body());
}

Result<ClientHandshake::State, Error> ClientHandshake::on_compressed_certificate(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  if (!config_.compress_certificates) return fail(Error::kUnexpectedMessage);
  transcript_->add(message.encoded);
  const auto body = parse_compressed_certificate(message.body());
  if (!body) return fail(body.error());
  return receive_chain(*body);
}

Result<ClientHandshake::State, Error> ClientHandshake::receive_chain(Bytes body) {
  const auto certificate = parse_certificate(body, config_.ask_for_status);
  if (!certificate) return fail(certificate.error());
  if (certificate->chain.empty()) return fail(Error::kEmptyCertificate);
  const auto received = server_.receive_certificate(
      *certificate, config_.verifier.get(), server_name_.text(), now_ / 1000, OnRefusal::kFail);
  if (!received) return fail(received.error());
  return State::kWaitCertificateVerify;
}

Result<ClientHandshake::State, Error> ClientHandshake::on_certificate_verify(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  auto authenticated =
      server_.receive_certificate_verify(message.body(), transcript_->hash().bytes());
  if (!authenticated) return fail(authenticated.error());
  transcript_->add(message.encoded);
  server_authenticated_ = *authenticated;
  negotiated_.peer = server_.peer();
  negotiated_.peer_signature_scheme = server_.scheme();
  return State::kWaitFinished;
}

Result<ClientHandshake::State, Error> ClientHandshake::on_finished(const HandshakeMessage& message,
                                                                   HandshakeChannel channel) {
  const crypto::Digest expected = finished_verify_data(hash_algorithm(), handshake_secrets_.server,
                                                       transcript_->hash().bytes());
  const auto finished = verify_finished(message.body(), expected.bytes());
  if (!finished) return fail(finished.error());
  if (!server_authenticated_) return fail(Error::kInternal);
  transcript_->add(message.encoded);

  const crypto::Digest until_server_finished = transcript_->hash();
  const MainSecret main_secret = std::move(*handshake_secret_).extract_main_secret();
  const TrafficSecrets application = main_secret.traffic_secrets(until_server_finished.bytes());
  secrets_.exporter = main_secret.exporter_secret(until_server_finished.bytes());
  log("CLIENT_TRAFFIC_SECRET_0", application.client);
  log("SERVER_TRAFFIC_SECRET_0", application.server);
  log("EXPORTER_SECRET", secrets_.exporter);
  const auto installed = channel.receive.install_keys(negotiated_.cipher_suite, application.server);
  if (!installed) return fail(installed.error());

  if (auto sent = send_client_flight(channel); !sent) return fail(sent.error());
  secrets_.resumption = main_secret.resumption_secret(transcript_->hash().bytes());
  channel.send.install_keys(Epoch::kApplication, negotiated_.cipher_suite, application.client);
  return connect(*finished, *server_authenticated_);
}

ClientHandshake::State ClientHandshake::connect(FinishedVerified /*finished*/,
                                                PeerAuthenticated /*authenticated*/) {
  return State::kConnected;
}

// EndOfEarlyData under the early keys if there was any; Certificate and CertificateVerify if they
// were asked for; Finished.
Result<void, Error> ClientHandshake::send_client_flight(HandshakeChannel channel) {
  if (negotiated_.early_data == EarlyDataOutcome::kAccepted) {
    Buffer end_of_early_data;
    {
      const HandshakeMessageWriter empty(end_of_early_data, HandshakeType::kEndOfEarlyData);
    }
    transcript_->add(end_of_early_data.bytes());
    channel.send.send(ContentType::kHandshake, end_of_early_data.bytes(), channel.output);
    channel.send.install_keys(Epoch::kHandshake, negotiated_.cipher_suite,
                              handshake_secrets_.client);
  }
  Buffer flight;
  if (certificate_requested_) {
    if (auto written = write_authentication(flight); !written) return written;
  }
  const std::size_t finished = flight.size();
  write_finished(
      finished_verify_data(hash_algorithm(), handshake_secrets_.client, transcript_->hash().bytes())
          .bytes(),
      flight);
  transcript_->add(flight.bytes().subspan(finished));
  channel.send.send(ContentType::kHandshake, flight.bytes(), channel.output);
  return {};
}

Result<void, Error> ClientHandshake::write_authentication(Buffer& out) {
  if (credential_ == nullptr) {
    write_certificate({}, {}, out);
    transcript_->add(out.bytes());
    return {};
  }
  out.append(credential_->certificate_message(/*with_status=*/false, compress_certificate_));
  transcript_->add(out.bytes());
  const std::size_t begin = out.size();
  const SignatureScheme scheme = *negotiated_.signature_scheme;
  const Buffer content = signature_content(Role::kClient, transcript_->hash().bytes());
  Buffer signature;
  if (!credential_->key.sign(scheme, content.bytes(), signature)) return fail(Error::kInternal);
  write_certificate_verify({scheme, signature.bytes()}, out);
  transcript_->add(out.bytes().subspan(begin));
  return {};
}

// Once, in front of the first thing that a middlebox would not expect after a ClientHello
// (section D.4).
void ClientHandshake::send_compatibility(HandshakeChannel channel) {
  if (compatibility_sent_) return;
  channel.send.send_change_cipher_spec(channel.output);
  compatibility_sent_ = true;
}

void ClientHandshake::log(std::string_view label, const crypto::Secret& secret) const {
  log_secret(config_.key_log, label, random_, secret);
}

crypto::HashAlgorithm ClientHandshake::hash_algorithm() const {
  return hash_of(negotiated_.cipher_suite);
}

}  // namespace heliograph::tls
