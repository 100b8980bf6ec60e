#include "tls/handshake.hpp"

#include <utility>
#include <vector>

#include "tls/certificate.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/compressed_certificate.hpp"

namespace heliograph::tls {

Handshake::Handshake(const Config& config, Role role, std::int64_t now)
    : now_(now),
      config_(config),
      role_(role),
      peer_(role == Role::kServer ? Role::kClient : Role::kServer, config.signature_schemes) {}

// "An implementation may receive an unencrypted record of type change_cipher_spec consisting of the
// single byte value 0x01 at any time after the first ClientHello message has been sent or received
// and before the peer's Finished message has been received and MUST simply drop it".
Result<void, Error> Handshake::receive_change_cipher_spec(Bytes content) {
  if (!started()) return fail(Error::kUnexpectedChangeCipherSpec);
  if (!equal(content, std::array<std::uint8_t, 1>{1})) return fail(Error::kBadChangeCipherSpec);
  if (++change_cipher_specs_ > kMaxChangeCipherSpecs) {
    return fail(Error::kTooManyChangeCipherSpecs);
  }
  return {};
}

const Entropy& Handshake::entropy() const {
  return config_.entropy ? *config_.entropy : system_entropy();
}

crypto::HashAlgorithm Handshake::hash_algorithm() const {
  return hash_of(negotiated_.cipher_suite);
}

void Handshake::log(std::string_view label, const crypto::Secret& secret) const {
  log_secret(config_.key_log, label, client_random_, secret);
}

Result<bool, Error> Handshake::receive_certificate(const HandshakeMessage& message,
                                                   bool asked_for_status,
                                                   std::string_view server_name,
                                                   OnRefusal on_refusal) {
  transcript_->add(message.encoded);
  std::vector<std::uint8_t> inflated;
  Bytes body = message.body();
  if (message.type == HandshakeType::kCompressedCertificate) {
    if (!config_.compress_certificates) return fail(Error::kUnexpectedMessage);
    auto certificate = parse_compressed_certificate(body);
    if (!certificate) return fail(certificate.error());
    inflated = std::move(*certificate);
    body = inflated;
  }
  const auto certificate = parse_certificate(body, asked_for_status);
  if (!certificate) return fail(certificate.error());
  if (certificate->chain.empty()) return false;
  const auto received = peer_.receive_certificate(*certificate, config_.verifier.get(), server_name,
                                                  now_, on_refusal);
  if (!received) return fail(received.error());
  return true;
}

Result<void, Error> Handshake::receive_certificate_verify(const HandshakeMessage& message) {
  auto authenticated =
      peer_.receive_certificate_verify(message.body(), transcript_->hash().bytes());
  if (!authenticated) return fail(authenticated.error());
  transcript_->add(message.encoded);
  authenticated_ = *authenticated;
  negotiated_.peer = peer_.peer();
  negotiated_.peer_signature_scheme = peer_.scheme();
  return {};
}

Result<FinishedVerified, Error> Handshake::receive_finished(const HandshakeMessage& message) {
  const crypto::Secret& base_key =
      role_ == Role::kServer ? handshake_secrets_.client : handshake_secrets_.server;
  const crypto::Digest expected =
      finished_verify_data(hash_algorithm(), base_key, transcript_->hash().bytes());
  auto finished = verify_finished(message.body(), expected.bytes());
  if (!finished) return finished;
  if (!authenticated_) return fail(Error::kInternal);
  transcript_->add(message.encoded);
  return finished;
}

Result<void, Error> Handshake::write_signature(const Credential& credential, Buffer& out) {
  const SignatureScheme scheme = *negotiated_.signature_scheme;
  const Buffer content = signature_content(role_, transcript_->hash().bytes());
  Buffer signature;
  if (!credential.key.sign(scheme, content.bytes(), signature)) return fail(Error::kInternal);
  const std::size_t begin = out.size();
  write_certificate_verify({scheme, signature.bytes()}, out);
  transcript_->add(out.bytes().subspan(begin));
  return {};
}

void Handshake::write_finished(Buffer& out) {
  const crypto::Secret& base_key =
      role_ == Role::kServer ? handshake_secrets_.server : handshake_secrets_.client;
  const std::size_t begin = out.size();
  tls::write_finished(
      finished_verify_data(hash_algorithm(), base_key, transcript_->hash().bytes()).bytes(), out);
  transcript_->add(out.bytes().subspan(begin));
}

void Handshake::send_compatibility(HandshakeChannel channel) {
  if (compatibility_sent_) return;
  channel.send.send_change_cipher_spec(channel.output);
  compatibility_sent_ = true;
}

void Handshake::derive_handshake_secrets(EarlySecret early_secret,
                                         const crypto::Secret& shared_secret) {
  handshake_secret_ = std::move(early_secret).extract_handshake_secret(shared_secret.bytes());
  handshake_secrets_ = handshake_secret_->traffic_secrets(transcript_->hash().bytes());
  log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", handshake_secrets_.client);
  log("SERVER_HANDSHAKE_TRAFFIC_SECRET", handshake_secrets_.server);
}

void Handshake::derive_application_secrets() {
  const crypto::Digest until_server_finished = transcript_->hash();
  main_secret_ = std::move(*handshake_secret_).extract_main_secret();
  application_secrets_ = main_secret_->traffic_secrets(until_server_finished.bytes());
  log("CLIENT_TRAFFIC_SECRET_0", application_secrets_.client);
  log("SERVER_TRAFFIC_SECRET_0", application_secrets_.server);
  if (!wants_exporters() && !config_.key_log) return;
  secrets_.exporter = main_secret_->exporter_secret(until_server_finished.bytes());
  log("EXPORTER_SECRET", secrets_.exporter);
}

crypto::Secret Handshake::resumption_secret() const {
  return main_secret_->resumption_secret(transcript_->hash().bytes());
}

}  // namespace heliograph::tls
