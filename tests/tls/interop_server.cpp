// An echo server on the loopback interface, for interop_test.sh to point other implementations at.
//
//   interop_server <certificate.pem> <key.pem>
//
// Prints its port, then one line per connection with what was negotiated or what went wrong. Sends
// the first data that arrives back, says close_notify and goes on to the next connection.
#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "tls/server.hpp"

namespace {

using namespace heliograph;

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const tls::ServerConfig> configure(const char* certificate, const char* key) {
  auto credential =
      tls::load_credential(as_bytes(read_file(certificate)), as_bytes(read_file(key)), {});
  if (!credential) {
    std::fprintf(stderr, "%s\n", credential.error().c_str());
    return nullptr;
  }
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials.push_back(*credential);
  config->application_protocols = {"http/1.1"};
  return config;
}

int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 16) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    return -1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void report(const tls::ServerConnection& connection) {
  const auto text = [](std::string_view view) { return std::string(view); };
  std::printf("%s %s %s%s\n", text(tls::name(connection.cipher_suite())).c_str(),
              text(tls::name(connection.group())).c_str(),
              text(tls::name(*connection.negotiated().signature_scheme)).c_str(),
              connection.did_hello_retry() ? " retried" : "");
  std::fflush(stdout);
}

// False when the connection is over.
bool handle_input(tls::ServerConnection& connection, MutableBytes input, Buffer& output) {
  for (;;) {
    const auto event = connection.receive(input, output);
    if (!event) {
      std::printf("%s\n", std::string(tls::describe(event.error())).c_str());
      std::fflush(stdout);
      return false;
    }
    switch (event->kind) {
      case tls::Event::Kind::kNeedMore:
        return true;
      case tls::Event::Kind::kHandshakeComplete:
        report(connection);
        break;
      case tls::Event::Kind::kData: {
        const Bytes echo = event->data;
        connection.send({&echo, 1}, output);
        connection.close(output);
        return false;
      }
      case tls::Event::Kind::kCloseNotify:
        connection.close(output);
        return false;
      case tls::Event::Kind::kEarlyData:
      case tls::Event::Kind::kSession:
        break;
    }
  }
}

void serve(int socket, std::shared_ptr<const tls::ServerConfig> config) {
  tls::ServerConnection connection(std::move(config), std::int64_t{std::time(nullptr)} * 1000);
  std::array<std::uint8_t, 16384> storage{};
  bool open = true;
  while (open) {
    const ssize_t size = ::recv(socket, storage.data(), storage.size(), 0);
    if (size <= 0) break;
    Buffer output;
    open = handle_input(connection, MutableBytes(storage).first(static_cast<std::size_t>(size)),
                        output);
    if (!output.empty()) ::send(socket, output.data(), output.size(), MSG_NOSIGNAL);
  }
  ::shutdown(socket, SHUT_WR);
  while (::recv(socket, storage.data(), storage.size(), 0) > 0) {
  }
  ::close(socket);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto config = configure(argv[1], argv[2]);
  if (!config) return 1;
  const int listener = listen_on_loopback();
  if (listener < 0) return 1;
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket >= 0) serve(socket, config);
  }
}
