// A script of what a server sends, played against two clients with the same randomness and neutral
// cryptography: one gets the bytes whole, the other in pieces. Both must report the same, answer
// the same, and keep the same sessions.
//
// Input: a byte of choices, the size of the pieces, and the script: move, detail, length, bytes.
#include "fuzz/tls_peers.hpp"
#include "tests/tls/test_server.hpp"

namespace {

using namespace heliograph;

void compare_sessions(tls::ClientConnection& whole, tls::ClientConnection& split) {
  const auto a = whole.take_sessions(tls::test::kNow);
  const auto b = split.take_sessions(tls::test::kNow);
  require(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    require(a[i].ticket == b[i].ticket && !a[i].ticket.empty());
    require(equal(a[i].session.pre_shared_key.bytes(), b[i].session.pre_shared_key.bytes()));
    require(a[i].session.lifetime <= 7 * 24 * 3600 && a[i].session.lifetime > 0);
  }
}

// What an established client must have seen to its satisfaction.
void check(const tls::ClientConnection& client, std::uint8_t choices) {
  if (!client.established()) return;
  const tls::Negotiated& agreed = client.negotiated();
  require(agreed.peer != nullptr || agreed.resumed);
  require(!agreed.resumed || (choices & fuzz::kResume) != 0);
  require(agreed.early_data != tls::EarlyDataOutcome::kAccepted || agreed.resumed);
  require(agreed.did_hello_retry || (choices & fuzz::kRetry) == 0);
  require(agreed.application_protocol.empty() || (choices & fuzz::kPlain) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  crypto::neutralised() = true;
  Reader script(Bytes(data, size));
  const std::uint8_t choices = script.u8();
  const std::size_t piece = script.u8() % 64U + 1;
  tls::test::Client whole(fuzz::client_config(choices), fuzz::session(choices));
  tls::test::Client split(fuzz::client_config(choices), fuzz::session(choices));
  for (tls::test::Client* client : {&whole, &split}) {
    const Bytes early = as_bytes("early");
    client->connection.send_early_data({&early, 1}, client->output);
  }
  fuzz::Twins twins(whole.connection, whole.output, split.connection, split.output, piece);
  twins.play(script);
  compare_sessions(whole.connection, split.connection);
  check(whole.connection, choices);
  return 0;
}
