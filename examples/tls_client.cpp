// Mutual TLS from the client's side: what is typed goes to the server, what it says is printed.
//
//   tls_client HOST PORT CA [CERT KEY]
//
// The server's certificate must be issued by CA and be for HOST. CERT and KEY say who we are.
#include <array>
#include <iostream>
#include <memory>
#include <string>

#include <poll.h>
#include <unistd.h>

#include "crypto/start.hpp"
#include "pem.hpp"
#include "tcp.hpp"
#include "tls/client.hpp"

namespace {

using namespace heliograph;

// Takes what has arrived. False once the server has said its last word.
Result<bool, tls::Error> receive(tls::Connection& connection, MutableBytes input, Buffer& output) {
  for (;;) {
    const auto event = connection.receive(input, output);
    if (!event) return fail(event.error());
    switch (event->kind) {
      case tls::Event::Kind::kNeedMore:
        return true;
      case tls::Event::Kind::kHandshakeComplete:
        std::cerr << "authorized\n";
        break;
      case tls::Event::Kind::kData:
        std::cout << as_text(event->data) << std::flush;
        break;
      case tls::Event::Kind::kCloseNotify:
        connection.close(output);
        return false;
      case tls::Event::Kind::kSession:    // nothing is resumed here
      case tls::Event::Kind::kEarlyData:  // for servers
        break;
    }
  }
}

// Sends what was typed; at its end, says so.
void send_typed(tls::Connection& connection, Buffer& output) {
  std::array<std::uint8_t, 4096> typed{};
  const ssize_t count = ::read(STDIN_FILENO, typed.data(), typed.size());
  if (count <= 0) return connection.close(output);
  const Bytes data = Bytes(typed).first(static_cast<std::size_t>(count));
  connection.send({&data, 1}, output);
}

std::string explain(const tls::Connection& connection, tls::Error error) {
  std::string reason(tls::describe(error));
  if (const auto alert = connection.peer_alert()) reason += ": " + std::string(tls::name(*alert));
  return connection.established() ? reason : "unauthorized: " + reason;
}

void talk(tcp::Socket& socket, tls::ClientConnection& connection) {
  Buffer output;
  connection.start(output);
  for (bool open = true; open;) {
    socket.write(output);
    const bool may_type = connection.established() && connection.can_send();
    std::array<pollfd, 2> ready{
        {{.fd = socket.fd(), .events = POLLIN, .revents = 0},
         {.fd = may_type ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}}};
    ::poll(ready.data(), ready.size(), -1);
    if (ready[1].revents != 0) send_typed(connection, output);
    if (ready[0].revents == 0) continue;
    const MutableBytes input = socket.read();
    if (input.empty()) throw std::runtime_error("the server hung up without close_notify");
    const auto received = receive(connection, input, output);
    socket.write(output);
    if (!received) throw std::runtime_error(explain(connection, received.error()));
    open = *received;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 6) {
    std::cerr << "usage: tls_client HOST PORT CA [CERT KEY]\n";
    return 64;
  }
  crypto::start();
  const auto name = pem::require(tls::ServerName::parse(argv[1]), argv[1]);
  const auto config = std::make_shared<tls::ClientConfig>(
      pem::verifier(argv[3], crypto::Purpose::kServerAuthentication));
  if (argc == 6) config->credentials.push_back(pem::credential(argv[4], argv[5]));
  tcp::Socket socket = tcp::connect(argv[1], argv[2]);
  tls::ClientConnection connection(config, name, tcp::now());
  talk(socket, connection);
  socket.finish();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "tls_client: " << error.what() << '\n';
  return 1;
}
