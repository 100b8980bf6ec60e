#include "tls/client_handshake.hpp"

#include <algorithm>
#include <utility>

#include "tls/certificate.hpp"
#include "tls/end_of_early_data.hpp"
#include "tls/transitions.hpp"

namespace heliograph::tls {
namespace {

template <class Value>
bool contains(const std::vector<Value>& list, const Value& value) {
  return std::ranges::find(list, value) != list.end();
}

template <class Value>
std::vector<std::uint16_t> code_points_of(const std::vector<Value>& list) {
  std::vector<std::uint16_t> values;
  values.reserve(list.size());
  for (const Value value : list) values.push_back(std::to_underlying(value));
  return values;
}

// It was made with this server, is still good, and stands for what the configuration says today:
// whom to believe, and who we are.
bool is_usable(const ClientSession& offered, const ClientConfig& config, const ServerName& name,
               std::int64_t now) {
  const Session& session = offered.session;
  if (!session.is_fresh(now) || session.server_name != name.text() ||
      !contains(config.cipher_suites, session.cipher_suite)) {
    return false;
  }
  const auto is_same = [&offered](const auto& credential) {
    return credential->plain.certificate == offered.credential->plain.certificate;
  };
  if (offered.credential && std::ranges::none_of(config.credentials, is_same)) return false;
  return !config.verify_on_resumption || !session.peer ||
         verify_again(*session.peer, *config.verifier, name.text(), now).has_value();
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
       &ClientHandshake::on_certificate,
       {State::kWaitCertificateVerify}},
      {State::kWaitCertificate,
       HandshakeType::kCertificate,
       kMaxCertificate,
       &ClientHandshake::on_certificate,
       {State::kWaitCertificateVerify}},
      {State::kWaitCertificate,
       HandshakeType::kCompressedCertificate,
       kMaxCertificate,
       &ClientHandshake::on_certificate,
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

ClientHandshake::ClientHandshake(std::shared_ptr<const ClientConfig> config,
                                 const ServerName& server_name, std::int64_t now,
                                 std::shared_ptr<const ClientSession> session)
    : Handshake(*config, Role::kClient, now),
      config_(std::move(config)),
      server_name_(server_name) {
  static_assert(has_no_dead_ends(Table::kTransitions));
  check(*config_);
  if (session && is_usable(*session, *config_, server_name, now)) session_ = std::move(session);
  negotiated_.server_name = server_name.text();
}

void ClientHandshake::start(HandshakeChannel channel) {
  entropy().fill_random(client_random_);
  entropy().fill_random(legacy_session_id_);
  if (config_->grease) entropy().fill_random(grease_);
  if (config_->permute_extensions) {
    std::array<std::uint8_t, 8> bits;
    entropy().fill_random(bits);
    order_ = Reader(bits).u64();
  }
  offers_early_data_ =
      config_->early_data && session_ && takes_early_data(session_->session, *config_);
  if (offers_early_data_) negotiated_.early_data = EarlyDataOutcome::kRejected;
  make_key_shares();
  write_hello(first_hello_);
  channel.send.send(ContentType::kHandshake, first_hello_.bytes(), channel.output);
  channel.send.pad_to_multiple_of(config_->padding_block);
  if (offers_early_data_) install_early_keys(channel);
  state_ = State::kWaitServerHello;
}

bool ClientHandshake::may_send_early_data() const {
  return offers_early_data_ &&
         (state_ == State::kWaitServerHello || state_ == State::kWaitEncryptedExtensions ||
          negotiated_.early_data == EarlyDataOutcome::kAccepted);
}

std::optional<std::size_t> ClientHandshake::max_body(HandshakeType type) const {
  return tls::max_body(Table::kTransitions, state_, type);
}

Result<void, Error> ClientHandshake::receive(const HandshakeMessage& message,
                                             HandshakeChannel channel) {
  return take_transition(Table::kTransitions, *this, state_, message, channel);
}

void ClientHandshake::make_key_shares() {
  const std::vector<NamedGroup> first = {config_->groups.front()};
  for (const NamedGroup group : config_->key_share_groups.value_or(first)) {
    key_shares_.push_back(entropy().make_key_share(group));
  }
}

void ClientHandshake::write_hello(Buffer& out) {
  write_client_hello(make_offer(), out);
  if (session_) fill_in_binder(out);
}

ClientHelloOffer ClientHandshake::make_offer() const {
  ClientHelloOffer offer;
  offer.random = client_random_;
  offer.legacy_session_id = legacy_session_id_;
  offer.cipher_suites = code_points_of(config_->cipher_suites);
  offer.supported_groups = code_points_of(config_->groups);
  offer.signature_algorithms = offered_schemes(config_->signature_schemes);
  for (const crypto::KeyShare& share : key_shares_) {
    offer.key_shares.push_back({std::to_underlying(share.group()), share.public_value()});
  }
  offer.server_name = server_name_.sni();
  offer.application_protocols = config_->application_protocols;
  offer.answers_retry_request = negotiated_.did_hello_retry;
  offer.cookie = cookie_;
  offer.record_size_limit = config_->record_size_limit;
  offer.asks_for_status = config_->ask_for_status;
  offer.takes_compressed_certificate = config_->compress_certificates;
  if (config_->grease) offer.grease = grease_;
  if (config_->permute_extensions) offer.order = order_;
  if (session_) {
    const Session& session = session_->session;
    const auto age = static_cast<std::uint32_t>(now_ - session.issued_at);
    offer.pre_shared_key = PskIdentity{session_->ticket, age + session.age_add};
    offer.binder_size = crypto::digest_size(hash_of(session.cipher_suite));
    offer.early_data = offers_early_data_;
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
  if (!contains(config_->cipher_suites, hello.cipher_suite)) {
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
  if (hello.group) {
    key_shares_.clear();
    key_shares_.push_back(entropy().make_key_share(*hello.group));
  }
  // "the client MUST [...] update the pre_shared_key extension [...] and optionally removing any
  // PSKs which are incompatible with the server's indicated cipher suite."
  if (session_ && hash_of(session_->session.cipher_suite) != hash_algorithm()) session_.reset();
  offers_early_data_ = false;
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
  if (!contains(config_->groups, *hello.group)) return fail(Error::kUnofferedGroup);
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

  // After a retry there is only the share that was asked for.
  const crypto::KeyShare* share = find_share(*hello.group);
  if (share == nullptr) return fail(Error::kUnofferedGroup);
  if (auto selected = select_session(hello); !selected) return fail(selected.error());
  const auto shared_secret = share->derive(hello.key_exchange);
  if (!shared_secret) return fail(Error::kBadKeyShare);

  derive_handshake_secrets(
      negotiated_.resumed ? EarlySecret(hash_algorithm(), session_->session.pre_shared_key.bytes())
                          : EarlySecret(hash_algorithm()),
      *shared_secret);
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
Result<void, Error> ClientHandshake::select_session(const ServerHello& hello) {
  if (!hello.selected_identity) {
    negotiated_.authenticated_at = now_;
    return {};
  }
  if (!session_) return fail(Error::kUnsolicitedExtension);
  const Session& session = session_->session;
  if (*hello.selected_identity != 0 || hash_of(session.cipher_suite) != hash_algorithm()) {
    return fail(Error::kUnofferedPreSharedKey);
  }
  authenticated_ = PeerAuthenticated::resumed_by_server();
  resume(session, negotiated_);
  negotiated_.credential = session_->credential;
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
                       .application_protocols = !config_->application_protocols.empty(),
                       .record_size_limit = true,
                       .early_data = offers_early_data_});
  if (!extensions) return fail(extensions.error());
  if (auto applied = apply(*extensions, channel); !applied) return fail(applied.error());
  return negotiated_.resumed ? State::kWaitFinished : State::kWaitCertificateOrRequest;
}

Result<void, Error> ClientHandshake::apply(const EncryptedExtensions& extensions,
                                           HandshakeChannel channel) {
  const std::string protocol(extensions.application_protocol);
  if (!protocol.empty() && !contains(config_->application_protocols, protocol)) {
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
  if (extensions.record_size_limit) {
    channel.send.limit_records(*extensions.record_size_limit);
    channel.receive.limit_records(config_->record_size_limit);
  }
  return {};
}

Result<ClientHandshake::State, Error> ClientHandshake::on_certificate_request(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  transcript_->add(message.encoded);
  const auto request = parse_certificate_request(message.body());
  if (!request) return fail(request.error());
  certificate_requested_ = true;
  with_status_ = request->asks_for_status;
  compressed_ = config_->compress_certificates && request->takes_compressed_certificate;
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
  const std::vector<SignatureScheme> taken = known_schemes(request.signature_algorithms);
  for (const auto& credential : config_->credentials) {
    if (!issued_by_one_of(*credential)) continue;
    negotiated_.signature_scheme = credential->first_scheme_in(taken);
    if (!negotiated_.signature_scheme) continue;
    negotiated_.credential = credential;
    return;
  }
}

Result<ClientHandshake::State, Error> ClientHandshake::on_certificate(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  const auto presented =
      receive_certificate(message, config_->ask_for_status, server_name_.text(), OnRefusal::kFail);
  if (!presented) return fail(presented.error());
  if (!*presented) return fail(Error::kEmptyCertificate);
  return State::kWaitCertificateVerify;
}

Result<ClientHandshake::State, Error> ClientHandshake::on_certificate_verify(
    const HandshakeMessage& message, HandshakeChannel /*channel*/) {
  if (auto received = receive_certificate_verify(message); !received) {
    return fail(received.error());
  }
  return State::kWaitFinished;
}

Result<ClientHandshake::State, Error> ClientHandshake::on_finished(const HandshakeMessage& message,
                                                                   HandshakeChannel channel) {
  const auto finished = receive_finished(message);
  if (!finished) return fail(finished.error());
  derive_application_secrets();
  const auto installed =
      channel.receive.install_keys(negotiated_.cipher_suite, application_secrets_.server);
  if (!installed) return fail(installed.error());
  if (auto sent = send_client_flight(channel); !sent) return fail(sent.error());
  secrets_.resumption = resumption_secret();
  channel.send.install_keys(Epoch::kApplication, negotiated_.cipher_suite,
                            application_secrets_.client);
  return connect(*finished, *authenticated_);
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
    write_end_of_early_data(end_of_early_data);
    transcript_->add(end_of_early_data.bytes());
    channel.send.send(ContentType::kHandshake, end_of_early_data.bytes(), channel.output);
    channel.send.install_keys(Epoch::kHandshake, negotiated_.cipher_suite,
                              handshake_secrets_.client);
  }
  Buffer flight;
  if (certificate_requested_) {
    if (auto written = write_authentication(flight); !written) return written;
  }
  write_finished(flight);
  channel.send.send(ContentType::kHandshake, flight.bytes(), channel.output);
  return {};
}

Result<void, Error> ClientHandshake::write_authentication(Buffer& out) {
  if (!negotiated_.credential) {
    write_certificate({}, {}, out);
    transcript_->add(out.bytes());
    return {};
  }
  const Credential& credential = *negotiated_.credential;
  out.append(credential.certificate_message(with_status_, compressed_));
  transcript_->add(out.bytes());
  return write_signature(credential, out);
}

}  // namespace heliograph::tls
