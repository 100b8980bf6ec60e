// Writes the seeds of the TLS targets: real handshakes between the two roles, with neutral
// cryptography, as scripts; the messages in them; and tickets.
//
//   tls_seeds <folder>        writes <folder>/tls_client/..., and so on
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "fuzz/tls_peers.hpp"
#include "tls/distinguished_names.hpp"
#include "tls/handshake_message.hpp"

namespace {

using namespace heliograph;
using fuzz::Move;
using tls::test::Octets;
using tls::test::octets;

std::filesystem::path root;

void write(const std::string& target, const std::string& name, Bytes seed) {
  std::filesystem::create_directories(root / target);
  std::ofstream file(root / target / name, std::ios::binary);
  file << as_text(seed);
}

// Adds what one side has said to a script for the other side's target, record by record: plain and
// protected ones by their content, so that the fuzzer finds it.
void add_moves(Bytes said, Buffer& script) {
  Octets wire = octets(said);
  tls::RecordReader reader;
  for (MutableBytes rest = wire;;) {
    const auto record = reader.next(rest, tls::kMaxCiphertext);
    if (!record || !*record) return;
    const MutableBytes payload = (*record)->payload;
    const bool is_protected = (*record)->type == tls::ContentType::kApplicationData;
    const Bytes content = is_protected ? payload.first(payload.size() - 17) : payload;
    script.u8(static_cast<std::uint8_t>(is_protected ? Move::kProtected : Move::kPlain));
    script.u8(is_protected ? payload[content.size()] : static_cast<std::uint8_t>((*record)->type));
    script.u16(static_cast<std::uint16_t>(content.size()));
    script.append(content);
  }
}

// The parser in tls_messages.cpp for a message; nothing if there is none.
std::optional<std::uint8_t> parser_of(tls::HandshakeType type) {
  switch (type) {
    case tls::HandshakeType::kServerHello:
      return 0;
    case tls::HandshakeType::kEncryptedExtensions:
      return 1;
    case tls::HandshakeType::kCertificate:
      return 2;
    case tls::HandshakeType::kCompressedCertificate:
      return 3;
    case tls::HandshakeType::kCertificateRequest:
      return 4;
    case tls::HandshakeType::kCertificateVerify:
      return 5;
    case tls::HandshakeType::kNewSessionTicket:
      return 6;
    case tls::HandshakeType::kKeyUpdate:
      return 9;
    default:
      return std::nullopt;
  }
}

// The messages of a script whose records hold whole ones; each message once.
void write_messages(Bytes script, const std::string& name) {
  static std::set<Octets> written;
  Reader moves(script);
  for (int number = 0; !moves.empty(); ++number) {
    moves.u8();
    const bool is_handshake = moves.u8() == 22;
    Reader messages(moves.vector16());
    for (int inner = 0; is_handshake && !messages.empty(); ++inner) {
      const auto type = static_cast<tls::HandshakeType>(messages.u8());
      const auto parser = parser_of(type);
      const Bytes body = messages.vector24();
      if (!messages.ok()) break;
      if (type == tls::HandshakeType::kClientHello) {
        write("tls_client_hello", name + '_' + std::to_string(number), body);
      }
      if (!parser) continue;
      const Octets seed = tls::test::joined({{*parser}, octets(body)});
      if (!written.insert(seed).second) continue;
      write("tls_messages", name + '_' + std::to_string(number) + '_' + std::to_string(inner),
            seed);
    }
  }
}

void write_handshake(const std::string& name, std::uint8_t choices) {
  tls::test::Pair pair(fuzz::client_config(choices), fuzz::server_config(choices),
                       fuzz::session(choices));
  Buffer for_client;
  Buffer for_server;
  for (Buffer* script : {&for_client, &for_server}) {
    script->u8(choices);
    script->u8(7);
  }
  const Bytes early = as_bytes("early");
  pair.client.send_early_data({&early, 1}, pair.client_end.output);
  const auto turn = [&] {
    while (!pair.client_end.output.empty() || !pair.server_end.output.empty()) {
      add_moves(pair.client_end.output.bytes(), for_server);
      pair.server_end.receive(pair.server, pair.client_end, 1U << 20);
      add_moves(pair.server_end.output.bytes(), for_client);
      pair.client_end.receive(pair.client, pair.server_end, 1U << 20);
    }
  };
  turn();
  require(pair.client.established() && pair.server.established());
  pair.client_sends("question");
  pair.server_sends("answer");
  pair.client.update_keys(tls::KeyUpdateRequest::kUpdateRequested, pair.client_end.output);
  pair.server.update_keys(tls::KeyUpdateRequest::kUpdateRequested, pair.server_end.output);
  turn();
  pair.client.close(pair.client_end.output);
  pair.server.close(pair.server_end.output);
  turn();
  write("tls_client", name, for_client.bytes());
  write("tls_handshake_server", name, for_server.bytes());
  write_messages(for_client.bytes().subspan(2), name);
  write_messages(for_server.bytes().subspan(2), name + "_client");
}

void write_small_messages() {
  const Octets alert = {10, 1, 0};
  write("tls_messages", "alert", alert);
  const std::vector<Octets> names = {{0x30, 0}, {0x30, 2, 5, 0}};
  Buffer seed;
  seed.u8(8);
  tls::write_distinguished_names(names, seed);
  write("tls_messages", "distinguished_names", seed.bytes());
  write("tls_messages", "offered_psks", tls::test::joined({{7}, tls::test::offered_psks(2, 2)}));
}

void write_tickets() {
  const auto with_peer = [] {
    tls::test::Pair pair(fuzz::client_config(fuzz::kCertificates),
                         fuzz::server_config(fuzz::kCertificates));
    require(pair.run());
    return pair.server.negotiated().peer;
  }();
  for (const auto& peer : {std::shared_ptr<const tls::Peer>(), with_peer}) {
    tls::Session session;
    session.cipher_suite = tls::CipherSuite::kAes128GcmSha256;
    session.pre_shared_key = crypto::Secret(Octets(32, 1));
    session.issued_at = tls::test::kNow;
    session.authenticated_at = tls::test::kNow;
    session.lifetime = 7200;
    session.server_name = "server.test";
    session.application_protocol = "http/1.1";
    session.peer = peer;
    if (peer) session.peer_signature_scheme = tls::SignatureScheme::kEd25519;
    Buffer state;
    require(tls::encode_session(session, "context", state));
    const std::string name = peer ? "with_peer" : "without_peer";
    write("tls_ticket", name, tls::test::joined({{1}, octets(state.bytes())}));
    // Under the first key of the target: its name, a nonce, the state, a tag.
    Octets ticket(16 + 12);
    for (std::size_t i = 0; i < 16; ++i) ticket[i] = static_cast<std::uint8_t>(i);
    write("tls_ticket", "sealed_" + name,
          tls::test::joined({{1}, ticket, octets(state.bytes()), Octets(16)}));
  }
  write("tls_ticket", "exported", Octets(1 + tls::TicketKeys::kExportSize, 3));
}

// What a client does, in the words of tls_server.cpp: a move, its detail, and bytes.
struct Step {
  std::uint8_t move;
  std::uint8_t detail;
  std::string_view bytes;
};

void write_steps(const std::string& name, std::initializer_list<Step> steps) {
  Buffer script;
  script.u8(7);
  for (const Step& step : steps) {
    script.u8(step.move);
    script.u8(step.detail);
    script.u8(static_cast<std::uint8_t>(step.bytes.size()));
    script.append(as_bytes(step.bytes));
  }
  write("tls_server", name, script.bytes());
}

void write_server_scripts() {
  constexpr Step kFinished = {1, 0, ""};
  constexpr Step kQuestion = {3, 0, "question"};
  constexpr Step kAnswer = {8, 0, "answer"};
  constexpr Step kCloseNotify = {4, 21, {"\x01\x00", 2}};
  write_steps("full", {{0, 0, ""}, kFinished, kQuestion, kAnswer, kCloseNotify, {9, 0, ""}});
  write_steps("retried", {{0, 1, ""}, {2, 0, ""}, kFinished, kQuestion, kAnswer, kCloseNotify});
  write_steps("key_update", {{0, 2, ""}, kFinished, {5, 1, ""}, kQuestion, {5, 0, ""}, kAnswer});
  write_steps("early_data",
              {{0, 8, ""}, {7, 0, {"\x17\x03\x03\x00\x01x", 6}}, kFinished, kQuestion});
}

void write_records() {
  using tls::test::plain_record;
  const Octets message = {20, 0, 0, 4, 'a', 'b', 'c', 'd'};
  const Bytes whole = message;
  const auto record = [](Bytes content) {
    return plain_record(tls::ContentType::kHandshake, content);
  };
  write("tls_record", "two_messages_in_one",
        tls::test::joined({{5}, record(tls::test::joined({message, message}))}));
  write("tls_record", "one_message_in_two",
        tls::test::joined({{5}, record(whole.first(3)), record(whole.subspan(3))}));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 64;
  root = arguments[1];
  crypto::neutralised() = true;
  using enum fuzz::Choice;
  write_handshake("full", 0);
  write_handshake("plain", kPlain);
  write_handshake("retried", kRetry);
  write_handshake("resumed", kResume);
  write_handshake("resumed_after_retry", kResume | kRetry);
  write_handshake("client_certificate", kCertificates | kStrict);
  write_handshake("small_records", kSmallRecords | kCertificates | kPlain);
  write_small_messages();
  write_tickets();
  write_server_scripts();
  write_records();
  return 0;
}
