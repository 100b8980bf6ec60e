// A script of what a client does, played against two servers with the same randomness: one gets the
// bytes whole, the other in pieces. Both must report the same and answer the same. The client can
// speak properly, so that a script gets behind the handshake, and can send anything under any keys.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/reader.hpp"
#include "require.hpp"
#include "tests/tls/server_fixture.hpp"
#include "tls/entropy.hpp"

namespace {

using namespace heliograph;
using tls::test::Octets;

tls::Entropy fixed_entropy() {
  return {.fill_random = [](MutableBytes out) { std::ranges::fill(out, std::uint8_t{0x42}); },
          .make_key_share =
              [](tls::NamedGroup group) {
                const std::size_t size = group == tls::NamedGroup::kSecp384r1 ? 48 : 32;
                return crypto::KeyShare::from_private_key(group, Octets(size, 0x17));
              }};
}

// With an Ed25519 key, whose signatures are the same every time.
const tls::ServerConfig& config() {
  static const tls::ServerConfig kConfig = [] {
    tls::ServerConfig config;
    config.credentials = {
        tls::test::credential(tls::test::kEd25519Certificate, tls::test::kEd25519Key)};
    config.application_protocols = {"http/1.1"};
    config.entropy = std::make_shared<const tls::Entropy>(fixed_entropy());
    return config;
  }();
  return kConfig;
}

class Game {
 public:
  explicit Game(std::size_t piece) : piece_(piece) {}

  void play(std::uint8_t move, std::uint8_t detail, Bytes bytes) {
    switch (move % 10) {
      case 0:
        return client_.has_started() ? deliver(bytes) : deliver(start(detail));
      case 1:
        if (client_.has_server_finished()) deliver(client_.finished());
        return;
      case 2:
        if (client_.got_retry_request && !client_.has_keys()) {
          deliver(client_.second_client_hello());
        }
        return;
      case 3:
        if (client_.has_keys()) deliver(client_.seal(tls::ContentType::kApplicationData, bytes));
        return;
      case 4:
        if (client_.has_keys()) deliver(client_.seal(detail, bytes, bytes.size()));
        return;
      case 5:
        if (client_.has_keys()) deliver(client_.key_update(detail));
        return;
      case 6:
        return deliver(tls::test::plain_record(tls::ContentType{detail}, bytes));
      case 7:
        return deliver(bytes);
      case 8:
        for (tls::test::Server* server : {&whole_, &split_}) server->send(as_text(bytes));
        return compare_output();
      default:
        for (tls::test::Server* server : {&whole_, &split_}) {
          if (detail == 0) server->connection.close(server->output);
        }
        return compare_output();
    }
  }

 private:
  Octets start(std::uint8_t detail) {
    using enum tls::ExtensionType;
    if ((detail & 1) != 0) client_.hello[kKeyShare] = tls::test::client_shares({});
    if ((detail & 2) != 0) client_.hello.cipher_suites = {0x1302};
    if ((detail & 4) != 0) client_.hello.session_id.clear();
    if ((detail & 8) != 0) {
      client_.hello[kEarlyData] = {};
      client_.hello[kPreSharedKey] = tls::test::offered_psks(1, 1);
    }
    return client_.client_hello();
  }

  void deliver(Bytes bytes) {
    require(whole_.receive(bytes) == split_.receive(bytes, piece_));
    require(whole_.connection.established() == split_.connection.established());
    require(whole_.connection.can_send() == split_.connection.can_send());
    require(whole_.connection.receive_eof() == split_.connection.receive_eof());
    compare_output();
  }

  void compare_output() {
    const Octets output = whole_.take_output();
    require(output == split_.take_output());
    client_.receive(output);
  }

  std::size_t piece_;
  tls::test::Server whole_{config()};
  tls::test::Server split_{config()};
  tls::test::TestClient client_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader script(Bytes(data, size));
  Game game(script.u8() % 64U + 1);
  while (!script.empty()) {
    const std::uint8_t move = script.u8();
    const std::uint8_t detail = script.u8();
    const Bytes bytes = script.vector8();
    if (!script.ok()) break;
    game.play(move, detail, bytes);
  }
  return 0;
}
