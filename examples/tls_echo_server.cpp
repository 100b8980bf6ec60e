// Mutual TLS: says who its clients are, greets them, and sends back whatever they send.
//
//   tls_echo_server PORT CERT KEY CA
//
// CERT and KEY are the server's, in PEM; CA is the authority whose clients are authorized. Others
// are told apart, not turned away. `heliograph cert` makes all of these files.
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "crypto/start.hpp"
#include "pem.hpp"
#include "tcp.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"

namespace {

using namespace heliograph;

std::shared_ptr<const tls::ServerConfig> configure(const std::string& certificate,
                                                   const std::string& key, const std::string& ca) {
  auto trusted = pem::authorities(ca);
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials = {pem::credential(certificate, key)};
  config->client_certificates = tls::ClientCertificates::kReported;
  config->certificate_authorities = trusted.subjects();
  config->verifier = std::make_shared<tls::ChainVerifier>(std::move(trusted),
                                                          crypto::Purpose::kClientAuthentication);
  config->tickets = tls::TicketKeys::generate();
  return config;
}

std::string authorization(const tls::Peer* peer) {
  if (peer == nullptr) return "unauthorized: no certificate";
  if (peer->refusal) return "unauthorized: " + std::string(tls::describe(*peer->refusal));
  return "authorized " + peer->identity.subject;
}

void send(tls::Connection& connection, Bytes data, Buffer& output) {
  connection.send({&data, 1}, output);
}

// Answers what has arrived. False when the connection is over.
bool receive(tls::Connection& connection, MutableBytes input, Buffer& output) {
  for (;;) {
    const auto event = connection.receive(input, output);
    if (!event) {
      std::cout << "failed: " + std::string(tls::describe(event.error())) + "\n" << std::flush;
      return false;
    }
    switch (event->kind) {
      case tls::Event::Kind::kNeedMore:
        return true;
      case tls::Event::Kind::kHandshakeComplete:
        std::cout << authorization(connection.negotiated().peer.get()) + "\n" << std::flush;
        send(connection, as_bytes("welcome!\n"), output);
        break;
      case tls::Event::Kind::kData:
        send(connection, event->data, output);
        break;
      case tls::Event::Kind::kCloseNotify:
        connection.close(output);
        return false;
      case tls::Event::Kind::kEarlyData:  // not enabled
      case tls::Event::Kind::kSession:    // for clients
        break;
    }
  }
}

void serve(tcp::Socket socket, std::shared_ptr<const tls::ServerConfig> config) {
  socket.set_timeout(std::chrono::minutes(1));
  tls::ServerConnection connection(std::move(config), tcp::now());
  Buffer output;
  for (bool open = true; open;) {
    const MutableBytes input = socket.read();
    open = !input.empty() && receive(connection, input, output);
    open = socket.write(output) && open;
  }
  socket.finish();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::cerr << "usage: tls_echo_server PORT CERT KEY CA\n";
    return 64;
  }
  crypto::start();
  const auto config = configure(argv[2], argv[3], argv[4]);
  const tcp::Socket listener = tcp::listen(argv[1]);
  std::cout << "listening on port " << argv[1] << std::endl;
  tcp::serve_each(listener, [config](tcp::Socket socket) { serve(std::move(socket), config); });
} catch (const std::exception& error) {
  std::cerr << "tls_echo_server: " << error.what() << '\n';
  return 1;
}
