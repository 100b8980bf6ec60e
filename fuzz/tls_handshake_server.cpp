// A script of what a client sends, played against two servers with the same randomness and neutral
// cryptography: tickets are their own state, every binder, signature and Finished verifies, so that
// a script gets behind client certificates, resumption and early data. One server gets the bytes
// whole, the other in pieces; both must report the same and answer the same.
//
// Input: a byte of choices, the size of the pieces, and the script: move, detail, length, bytes.
#include "fuzz/tls_peers.hpp"

namespace {

using namespace heliograph;

// What an established server must have seen to its satisfaction.
void check(const tls::ServerConnection& server, std::uint8_t choices) {
  if (!server.established()) return;
  const tls::Negotiated& agreed = server.negotiated();
  const bool required = (choices & fuzz::kCertificates) != 0 && (choices & fuzz::kStrict) != 0;
  if (required) require(agreed.peer != nullptr && agreed.peer->authorized());
  require(agreed.early_data != tls::EarlyDataOutcome::kAccepted || agreed.resumed);
  require(!agreed.did_hello_retry || agreed.early_data != tls::EarlyDataOutcome::kAccepted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  crypto::neutralised() = true;
  Reader script(Bytes(data, size));
  const std::uint8_t choices = script.u8();
  const std::size_t piece = script.u8() % 64U + 1;
  tls::test::Server whole(fuzz::server_config(choices));
  tls::test::Server split(fuzz::server_config(choices));
  fuzz::Twins twins(whole.connection, whole.output, split.connection, split.output, piece);
  twins.play(script);
  check(whole.connection, choices);
  return 0;
}
