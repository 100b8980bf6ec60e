#include "tests/tls/test_client.hpp"

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/extensions.hpp"
#include "tls/finished.hpp"
#include "tls/key_update.hpp"

namespace heliograph::tls::test {

Octets joined(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Octets from_hex(std::string_view hex) {
  return hex_decode(hex).value_or(Octets{});
}

Octets code_points(std::initializer_list<std::uint16_t> values, std::size_t length_width) {
  Buffer out;
  if (length_width == 1) out.u8(static_cast<std::uint8_t>(2 * values.size()));
  if (length_width == 2) out.u16(static_cast<std::uint16_t>(2 * values.size()));
  for (const std::uint16_t value : values) out.u16(value);
  return octets(out.bytes());
}

Octets key_share_entry(std::uint16_t group, Bytes key_exchange) {
  Buffer out;
  out.u16(group);
  out.u16(static_cast<std::uint16_t>(key_exchange.size()));
  out.append(key_exchange);
  return octets(out.bytes());
}

Octets client_shares(std::initializer_list<Octets> entries) {
  Buffer out;
  {
    const LengthPrefix<2> list(out);
    for (const Octets& entry : entries) out.append(entry);
  }
  return octets(out.bytes());
}

Octets server_name_list(std::string_view host) {
  Buffer out;
  {
    const LengthPrefix<2> list(out);
    out.u8(0);
    const LengthPrefix<2> name(out);
    out.append(host);
  }
  return octets(out.bytes());
}

Octets protocol_list(std::initializer_list<std::string_view> names) {
  Buffer out;
  {
    const LengthPrefix<2> list(out);
    for (const std::string_view name : names) {
      const LengthPrefix<1> length(out);
      out.append(name);
    }
  }
  return octets(out.bytes());
}

Octets offered_psks(std::size_t identities, std::size_t binders) {
  Buffer out;
  {
    const LengthPrefix<2> list(out);
    for (std::size_t i = 0; i < identities; ++i) {
      out.u16(1);
      out.u8(0);
      out.u32(0);
    }
  }
  {
    const LengthPrefix<2> list(out);
    for (std::size_t i = 0; i < binders; ++i) {
      out.u8(32);
      out.append(Octets(32));
    }
  }
  return octets(out.bytes());
}

Octets& Hello::operator[](ExtensionType type) {
  for (auto& [present, data] : extensions) {
    if (present == type) return data;
  }
  return extensions.emplace_back(type, Octets{}).second;
}

void Hello::remove(ExtensionType type) {
  std::erase_if(extensions, [type](const auto& extension) { return extension.first == type; });
}

Octets Hello::encode() const {
  Buffer out;
  {
    const HandshakeMessageWriter message(out, HandshakeType::kClientHello);
    out.u16(legacy_version);
    out.append(random);
    out.u8(static_cast<std::uint8_t>(session_id.size()));
    out.append(session_id);
    out.u16(static_cast<std::uint16_t>(2 * cipher_suites.size()));
    for (const std::uint16_t suite : cipher_suites) out.u16(suite);
    out.u8(static_cast<std::uint8_t>(compression_methods.size()));
    out.append(compression_methods);
    const LengthPrefix<2> block(out);
    for (const auto& [type, data] : extensions) {
      const ExtensionWriter extension(out, type);
      out.append(data);
    }
  }
  return octets(out.bytes());
}

Octets plain_record(ContentType type, Bytes content) {
  return joined({octets(record_header(type, content.size())), octets(content)});
}

Octets handshake_message(HandshakeType type, Bytes body) {
  Buffer out;
  {
    const HandshakeMessageWriter message(out, type);
    out.append(body);
  }
  return octets(out.bytes());
}

TestClient::TestClient(NamedGroup with_group) {
  shares_.push_back(crypto::KeyShare::generate(with_group));
  hello[ExtensionType::kServerName] = server_name_list("server.test");
  hello[ExtensionType::kSupportedGroups] = code_points({0x001d, 0x0017, 0x0018});
  hello[ExtensionType::kSignatureAlgorithms] =
      code_points({0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0807});
  hello[ExtensionType::kSupportedVersions] = code_points({kVersionTls13}, 1);
  hello[ExtensionType::kPskKeyExchangeModes] = {1, 1};
  hello[ExtensionType::kKeyShare] = client_shares(
      {key_share_entry(std::to_underlying(with_group), shares_.back().public_value())});
}

Octets TestClient::client_hello() {
  first_hello_ = hello.encode();
  return plain_record(ContentType::kHandshake, first_hello_);
}

Octets TestClient::second_client_hello() {
  shares_.push_back(crypto::KeyShare::generate(*group));
  hello[ExtensionType::kKeyShare] =
      client_shares({key_share_entry(std::to_underlying(*group), shares_.back().public_value())});
  hello.remove(ExtensionType::kEarlyData);
  const Octets second = hello.encode();
  transcript_->add(second);
  return plain_record(ContentType::kHandshake, second);
}

bool TestClient::receive(Bytes from_server) {
  Octets copy = octets(from_server);
  MutableBytes rest = copy;
  for (;;) {
    const auto record = records_.next(rest, kMaxCiphertext);
    if (!record) return give_up(describe(record.error()));
    if (!*record) return true;
    if (!receive_record(**record)) return false;
  }
}

bool TestClient::receive_record(const Record& record) {
  if (record.type == ContentType::kChangeCipherSpec) {
    ++change_cipher_specs;
    return true;
  }
  last_was_protected = record.type == ContentType::kApplicationData;
  if (!last_was_protected) return receive_content(record.type, record.payload);
  if (!opener_) return give_up("a protected record before ServerHello");
  const auto opened = opener_->open(record);
  if (!opened) return give_up(describe(opened.error()));
  return receive_content(static_cast<ContentType>(opened->type), opened->content);
}

bool TestClient::receive_content(ContentType type, MutableBytes content) {
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

bool TestClient::receive_message(const HandshakeMessage& message) {
  switch (message.type) {
    case HandshakeType::kServerHello:
      return receive_server_hello(message);
    case HandshakeType::kFinished:
      return receive_finished(message);
    case HandshakeType::kKeyUpdate:
      ++key_updates;
      *opener_ = opener_->next();
      return true;
    case HandshakeType::kEncryptedExtensions: {
      const auto extensions = parse_encrypted_extensions(message.body(), {true, true, true, true});
      if (!extensions) return give_up(describe(extensions.error()));
      application_protocol = extensions->application_protocol;
      break;
    }
    case HandshakeType::kCertificateVerify:
      hash_until_certificate_ = transcript_->hash();
      break;
    default:
      break;
  }
  transcript_->add(message.encoded);
  return true;
}

bool TestClient::receive_server_hello(const HandshakeMessage& message) {
  const auto server_hello = parse_server_hello(message.body());
  if (!server_hello) return give_up(describe(server_hello.error()));
  if (!equal(server_hello->legacy_session_id_echo, hello.session_id)) {
    return give_up("another session identifier");
  }
  suite = server_hello->cipher_suite;
  group = server_hello->group;
  if (handshake_secret_ || first_hello_.empty()) return give_up("a ServerHello out of place");
  if (!transcript_) {
    transcript_.emplace(hash_of(*suite));
    transcript_->add(first_hello_);
  }
  if (server_hello->is_hello_retry_request()) {
    got_retry_request = true;
    transcript_->replace_by_message_hash();
    transcript_->add(message.encoded);
    return true;
  }
  transcript_->add(message.encoded);
  const auto shared = shares_.back().derive(server_hello->key_exchange);
  if (!shared) return give_up("a bad key share");
  handshake_secret_ = EarlySecret(hash_of(*suite)).extract_handshake_secret(shared->bytes());
  handshake_secrets_ = handshake_secret_->traffic_secrets(transcript_->hash().bytes());
  opener_.emplace(*suite, handshake_secrets_.server);
  install_write_keys(handshake_secrets_.client);
  return true;
}

bool TestClient::receive_finished(const HandshakeMessage& message) {
  if (!handshake_secret_) return give_up("a Finished out of place");
  const crypto::Digest expected =
      finished_verify_data(hash_of(*suite), handshake_secrets_.server, transcript_->hash().bytes());
  if (!verify_finished(message.body(), expected.bytes())) return give_up("a wrong Finished");
  transcript_->add(message.encoded);
  hash_until_server_finished_ = transcript_->hash();
  application_secrets_ = std::move(*handshake_secret_)
                             .extract_main_secret()
                             .traffic_secrets(hash_until_server_finished_.bytes());
  opener_.emplace(*suite, application_secrets_.server);
  return true;
}

Octets TestClient::finished_message() const {
  Buffer message;
  write_finished(finished_verify_data(hash_of(*suite), handshake_secrets_.client,
                                      hash_until_server_finished_.bytes())
                     .bytes(),
                 message);
  return octets(message.bytes());
}

Octets TestClient::finished() {
  Octets record = seal(ContentType::kHandshake, finished_message());
  install_application_keys();
  return record;
}

Octets TestClient::wrong_finished() {
  Octets message = finished_message();
  message.back() ^= 1;
  return seal(ContentType::kHandshake, message);
}

void TestClient::install_application_keys() {
  install_write_keys(application_secrets_.client);
}

void TestClient::install_write_keys(const crypto::Secret& secret) {
  write_secret_ = secret.copy();
  const TrafficKeys keys = traffic_keys(*suite, secret);
  sealing_key_.emplace(aead_of(*suite), keys.key.bytes());
  write_nonce_.emplace(keys.iv);
}

Octets TestClient::seal(std::uint8_t type, Bytes content, std::size_t padding) {
  Octets inner = octets(content);
  inner.push_back(type);
  inner.resize(inner.size() + padding);
  const std::size_t size = inner.size() + crypto::kAeadTagSize;
  const RecordHeader header = record_header(ContentType::kApplicationData, size);
  inner.resize(size);
  sealing_key_->seal(write_nonce_->current(), header, MutableBytes(inner));
  write_nonce_->advance();
  return joined({octets(header), inner});
}

Octets TestClient::key_update(std::uint8_t request) {
  KeyUpdateMessage message = encode_key_update(KeyUpdateRequest::kUpdateNotRequested);
  message.back() = request;
  Octets record = seal(ContentType::kHandshake, message);
  install_write_keys(next_traffic_secret(hash_of(*suite), write_secret_));
  return record;
}

bool TestClient::verify_signature(const crypto::PublicKey& key) const {
  const auto found =
      std::ranges::find(messages, HandshakeType::kCertificateVerify, &ReceivedMessage::type);
  if (found == messages.end()) return false;
  const auto verify = parse_certificate_verify(Bytes(found->encoded).subspan(kHandshakeHeaderSize));
  const Buffer content = signature_content(Role::kServer, hash_until_certificate_.bytes());
  return verify && key.verify(verify->algorithm, content.bytes(), verify->signature);
}

bool TestClient::give_up(std::string_view why) {
  problem = why;
  return false;
}

}  // namespace heliograph::tls::test
