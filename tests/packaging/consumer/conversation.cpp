// A program of somebody else's, with the installed libraries: a WebSocket message goes from a TLS
// client to a TLS server, in one process and without a socket. Prints what arrived.
#include <ctime>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "crypto/self_signed.hpp"
#include "crypto/start.hpp"
#include "tls/client.hpp"
#include "tls/server.hpp"
#include "ws/connection.hpp"

namespace {

using namespace heliograph;

template <class T, class E>
T require(Result<T, E> result, const char* what) {
  if (!result) throw std::runtime_error(what);
  return std::move(*result);
}

// Takes all that was sent. Returns the data that was in it.
Buffer receive(tls::Connection& connection, Buffer& sent, Buffer& answer) {
  Buffer data;
  MutableBytes input = sent.mutable_bytes();
  for (;;) {
    const tls::Event event = require(connection.receive(input, answer), "TLS");
    if (event.kind == tls::Event::Kind::kData) data.append(event.data);
    if (event.kind == tls::Event::Kind::kNeedMore) break;
  }
  sent.clear();
  return data;
}

std::string converse() {
  const std::int64_t seconds = std::time(nullptr);
  const std::vector<std::string> names = {"example.org"};
  const auto made = require(crypto::make_self_signed(names, seconds, 1), "certificate");

  auto server_config = std::make_shared<tls::ServerConfig>();
  server_config->credentials = {
      require(tls::load_credential(as_bytes(made.certificate_pem), made.private_key_pem, {}),
              "credential")};
  const auto client_config =
      std::make_shared<tls::ClientConfig>(std::make_shared<tls::ChainVerifier>(
          require(crypto::TrustStore::from_pem(as_bytes(made.certificate_pem)), "trust store"),
          crypto::Purpose::kServerAuthentication));

  tls::ServerConnection server(server_config, seconds * 1000);
  tls::ClientConnection client(
      client_config, require(tls::ServerName::parse(names.front()), "server name"), seconds * 1000);
  Buffer to_server;
  Buffer to_client;
  client.start(to_server);
  while (!to_server.empty() || !to_client.empty()) {
    receive(server, to_server, to_client);
    receive(client, to_client, to_server);
  }

  const ws::Limits limits;
  ws::Connection speaker(ws::Role::kClient, limits);
  ws::Connection listener(ws::Role::kServer, limits);
  Buffer frame;
  speaker.send(ws::Opcode::kText, as_bytes("over TLS, over nothing"), frame);
  client.send(frame.bytes(), to_server);
  Buffer arrived = receive(server, to_server, to_client);
  MutableBytes input = arrived.mutable_bytes();
  return std::string(as_text(require(listener.receive(input, frame), "WebSocket").data));
}

}  // namespace

int main() try {
  crypto::start();
  std::cout << converse() << '\n';
} catch (const std::exception& error) {
  std::cerr << "conversation: " << error.what() << '\n';
  return 1;
}
