#include "tests/tls/test_server.hpp"

#include "tls/certificate.hpp"
#include "tls/finished.hpp"
#include "tls/key_update.hpp"
#include "tls/server_hello.hpp"

namespace heliograph::tls::test {

Octets extension_block(std::span<const Extension> extensions) {
  Buffer out;
  {
    const LengthPrefix<2> block(out);
    for (const auto& [type, data] : extensions) {
      const ExtensionWriter extension(out, type);
      out.append(data);
    }
  }
  return octets(out.bytes());
}

Octets& HelloAnswer::operator[](ExtensionType type) {
  for (auto& [present, data] : extensions) {
    if (present == type) return data;
  }
  return extensions.emplace_back(type, Octets{}).second;
}

void HelloAnswer::remove(ExtensionType type) {
  std::erase_if(extensions, [type](const Extension& extension) { return extension.first == type; });
}

Octets HelloAnswer::encode() const {
  Buffer body;
  body.u16(legacy_version);
  body.append(random);
  body.u8(static_cast<std::uint8_t>(session_id.size()));
  body.append(session_id);
  body.u16(cipher_suite);
  body.u8(compression_method);
  body.append(extension_block(extensions));
  return handshake_message(HandshakeType::kServerHello, body.bytes());
}

TestServer::TestServer(std::string_view certificate, std::string_view key)
    : chain_(crypto::CertificateChain::from_pem(as_bytes(certificate)).value().certificates()),
      key_(crypto::PrivateKey::from_pem(as_bytes(key)).value()),
      scheme_(crypto::schemes_of(key_.type()).front()) {}

bool TestServer::receive(Bytes from_client) {
  Octets copy = octets(from_client);
  MutableBytes rest = copy;
  for (;;) {
    const auto record = records_.next(rest, kMaxCiphertext);
    if (!record) return give_up(describe(record.error()));
    if (!*record) return true;
    if (!receive_record(**record)) return false;
  }
}

ClientHello TestServer::hello() const {
  return parse_client_hello(Bytes(hello_).subspan(kHandshakeHeaderSize)).value();
}

HelloAnswer TestServer::server_hello(NamedGroup group) {
  share_ = crypto::KeyShare::generate(group);
  HelloAnswer answer;
  answer.session_id = octets(hello().legacy_session_id);
  if (transcript_) answer.cipher_suite = std::to_underlying(suite_);
  answer[ExtensionType::kKeyShare] =
      key_share_entry(std::to_underlying(group), share_->public_value());
  if (!pre_shared_key.empty()) answer[ExtensionType::kPreSharedKey] = {0, 0};
  answer[ExtensionType::kSupportedVersions] = {3, 4};
  return answer;
}

HelloAnswer TestServer::retry_request(std::optional<NamedGroup> group) const {
  HelloAnswer answer;
  answer.random = octets(kHelloRetryRequestRandom);
  answer.session_id = octets(hello().legacy_session_id);
  if (group) {
    const auto value = std::to_underlying(*group);
    answer[ExtensionType::kKeyShare] = {static_cast<std::uint8_t>(value >> 8),
                                        static_cast<std::uint8_t>(value)};
  } else {
    answer[ExtensionType::kCookie] = {0, 3, 'c', 'k', 'i'};
  }
  answer[ExtensionType::kSupportedVersions] = {3, 4};
  return answer;
}

Octets TestServer::say(const HelloAnswer& answer) {
  const Octets message = answer.encode();
  start_transcript(answer.cipher_suite);
  if (equal(answer.random, kHelloRetryRequestRandom)) transcript_->replace_by_message_hash();
  transcript_->add(message);
  const auto theirs = share_ ? hello().key_shares.find(share_->group()) : std::nullopt;
  if (!theirs || equal(answer.random, kHelloRetryRequestRandom)) return message;
  const crypto::HashAlgorithm hash = hash_of(suite_);
  EarlySecret early =
      pre_shared_key.empty() ? EarlySecret(hash) : EarlySecret(hash, pre_shared_key.bytes());
  handshake_secret_ = std::move(early).extract_handshake_secret(share_->derive(*theirs)->bytes());
  handshake_secrets_ = handshake_secret_->traffic_secrets(transcript_->hash().bytes());
  sealer_.emplace(suite_, handshake_secrets_.server);
  opener_.emplace(suite_, handshake_secrets_.client);
  return message;
}

Octets TestServer::add(HandshakeType type, Bytes body) {
  Octets message = handshake_message(type, body);
  transcript_->add(message);
  return message;
}

Octets TestServer::encrypted_extensions(std::span<const Extension> extensions) {
  return add(HandshakeType::kEncryptedExtensions, extension_block(extensions));
}

Octets TestServer::certificate() {
  Buffer message;
  write_certificate(chain_, {}, message);
  transcript_->add(message.bytes());
  return octets(message.bytes());
}

Octets TestServer::certificate_verify(Role role) {
  const Buffer content = signature_content(role, transcript_->hash().bytes());
  Buffer signature;
  if (!key_.sign(scheme_, content.bytes(), signature)) return {};
  return certificate_verify(scheme_, signature.bytes());
}

Octets TestServer::certificate_verify(SignatureScheme scheme, Bytes signature) {
  Buffer message;
  write_certificate_verify({scheme, signature}, message);
  transcript_->add(message.bytes());
  return octets(message.bytes());
}

Octets TestServer::finished() {
  const auto verify_data =
      finished_verify_data(hash_of(suite_), handshake_secrets_.server, transcript_->hash().bytes());
  Octets message = add(HandshakeType::kFinished, verify_data.bytes());
  application_secrets_ = std::move(*handshake_secret_)
                             .extract_main_secret()
                             .traffic_secrets(transcript_->hash().bytes());
  return message;
}

Octets TestServer::flight(std::span<const Extension> extensions) {
  const Octets first = encrypted_extensions(extensions);
  if (!pre_shared_key.empty()) return joined({first, finished()});
  return joined({first, certificate(), certificate_verify(), finished()});
}

Octets TestServer::seal(ContentType type, Bytes content, std::size_t padding) {
  Buffer record;
  sealer_->seal(type, {&content, 1}, padding, record);
  return octets(record.bytes());
}

void TestServer::install_application_keys() {
  sealer_.emplace(suite_, application_secrets_.server);
}

Octets TestServer::key_update(std::uint8_t request) {
  const Octets message = handshake_message(HandshakeType::kKeyUpdate, Octets{request});
  Octets record = seal(ContentType::kHandshake, message);
  sealer_ = sealer_->next();
  return record;
}

bool TestServer::receive_record(const Record& record) {
  if (record.type == ContentType::kChangeCipherSpec) {
    ++change_cipher_specs;
    return true;
  }
  if (record.type != ContentType::kApplicationData) {
    return receive_content(record.type, record.payload);
  }
  if (!opener_) return give_up("a protected record before there are keys");
  const auto opened = opener_->open(record);
  if (!opened) return give_up(describe(opened.error()));
  return receive_content(static_cast<ContentType>(opened->type), opened->content);
}

bool TestServer::receive_content(ContentType type, MutableBytes content) {
  if (type == ContentType::kApplicationData) {
    received += as_text(content);
    return true;
  }
  if (type == ContentType::kAlert) {
    const auto alert = decode_alert(content);
    if (!alert) return give_up("a malformed alert");
    alerts.push_back(*alert);
    return true;
  }
  handshake_.feed(content);
  for (;;) {
    const auto message =
        handshake_.next([](HandshakeType) -> std::optional<std::size_t> { return 1U << 20; });
    if (!message) return give_up(describe(message.error()));
    if (!*message) return true;
    messages.push_back({(*message)->type, octets((*message)->encoded)});
    if (!receive_message(**message)) return false;
  }
}

bool TestServer::receive_message(const HandshakeMessage& message) {
  switch (message.type) {
    case HandshakeType::kClientHello:
      hello_ = octets(message.encoded);
      if (auto parsed = parse_client_hello(message.body()); !parsed) {
        return give_up(describe(parsed.error()));
      }
      if (transcript_) transcript_->add(message.encoded);
      return true;
    case HandshakeType::kFinished: {
      const auto expected = finished_verify_data(hash_of(suite_), handshake_secrets_.client,
                                                 transcript_->hash().bytes());
      if (!verify_finished(message.body(), expected.bytes())) return give_up("a wrong Finished");
      got_finished = true;
      opener_.emplace(suite_, application_secrets_.client);
      return true;
    }
    case HandshakeType::kKeyUpdate:
      opener_ = opener_->next();
      return true;
    default:
      transcript_->add(message.encoded);
      return true;
  }
}

void TestServer::start_transcript(std::uint16_t suite) {
  suite_ = static_cast<CipherSuite>(suite);
  if (transcript_) return;
  transcript_.emplace(hash_of(suite_));
  transcript_->add(hello_);
}

bool TestServer::give_up(std::string_view why) {
  problem = why;
  return false;
}

Client::Client(ClientConfig config, std::shared_ptr<const ClientSession> session,
               const ServerName& name)
    : connection(std::make_shared<const ClientConfig>(std::move(config)), name, kNow,
                 std::move(session)) {
  connection.start(output);
}

Report Client::receive(Bytes input, std::size_t piece) {
  return feed(connection, input, piece, output);
}

Octets Client::take_output() {
  Octets taken = octets(output.bytes());
  output.clear();
  return taken;
}

bool start(Client& client, TestServer& server) {
  return server.receive(client.take_output());
}

bool exchange_hellos(Client& client, TestServer& server) {
  if (!start(client, server)) return false;
  const Octets message = server.say(server.server_hello());
  return !client.receive(plain_record(ContentType::kHandshake, message)).error;
}

bool complete_handshake(Client& client, TestServer& server) {
  if (!exchange_hellos(client, server)) return false;
  if (client.receive(server.seal(ContentType::kHandshake, server.flight())).error) return false;
  server.install_application_keys();
  return client.connection.established() && server.receive(client.take_output()) &&
         server.got_finished;
}

std::optional<AlertDescription> last_alert(Client& client, TestServer& server) {
  server.receive(client.take_output());
  if (server.alerts.empty()) return std::nullopt;
  return server.alerts.back();
}

}  // namespace heliograph::tls::test
