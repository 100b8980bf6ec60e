// Gets one page by HTTPS and prints the response: status line, fields, body.
//
//   https_client URL [--ca FILE]
//
// The server's certificate must be issued by an authority of FILE, or by one that this system
// trusts. Asks by HTTP/1.0, so that the body is everything up to the end of the connection.
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/start.hpp"
#include "http/parser.hpp"
#include "pem.hpp"
#include "tcp.hpp"
#include "tls/client.hpp"
#include "url.hpp"

namespace {

using namespace heliograph;

// Prints a response as it arrives.
class Response {
 public:
  void receive(MutableBytes data) {
    if (!has_head_) receive_head(data);
    body_size_ += data.size();
    std::cout << as_text(data);
  }

  // No more will arrive; `closed` says whether the server said so by close_notify.
  void end(bool closed) const {
    if (!has_head_) throw std::runtime_error("the server hung up before its response");
    if (length_.empty() && closed) return;
    if (length_.empty()) throw std::runtime_error("cut off: the body may have been longer");
    if (length_ == std::to_string(body_size_)) return;
    throw std::runtime_error(std::to_string(body_size_) + " of " + length_ + " bytes arrived");
  }

 private:
  void receive_head(MutableBytes& data) {
    const auto head = parser_.receive(data);
    if (!head) throw std::runtime_error(std::string(http::describe(head.error())));
    if (!*head) return;
    has_head_ = true;
    length_ = (*head)->fields.value("Content-Length");
    std::cout << "HTTP/1." << (*head)->minor_version << ' ' << (*head)->status << ' '
              << (*head)->reason << '\n';
    for (const auto& field : (*head)->fields.all()) {
      std::cout << field.name << ": " << field.value << '\n';
    }
    std::cout << '\n';
  }

  http::ResponseParser parser_;
  bool has_head_ = false;
  std::string length_;
  std::size_t body_size_ = 0;
};

void get(const url::Url& url, std::shared_ptr<const tls::ClientConfig> config) {
  const std::string text = "GET " + url.target + " HTTP/1.0\r\nHost: " + url.authority + "\r\n\r\n";
  const auto name = pem::require(tls::ServerName::parse(url.host), url.host);
  tcp::Socket socket = tcp::connect(url.host, url.port);
  tls::ClientConnection connection(std::move(config), name, tcp::now());
  Response response;
  Buffer output;
  connection.start(output);
  MutableBytes input;
  for (;;) {
    const auto event = connection.receive(input, output);
    if (!event) {
      socket.write(output);
      throw std::runtime_error(std::string(tls::describe(event.error())));
    }
    switch (event->kind) {
      case tls::Event::Kind::kNeedMore:
        if (!socket.exchange(output, input)) return response.end(false);
        break;
      case tls::Event::Kind::kHandshakeComplete:
        connection.send(as_bytes(text), output);
        break;
      case tls::Event::Kind::kData:
        response.receive(event->data);
        break;
      case tls::Event::Kind::kCloseNotify:
        connection.close(output);
        socket.write(output);
        return response.end(true);
      default:
        break;
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const bool with_authorities = argc == 4 && std::string_view(argv[2]) == "--ca";
  if (argc != 2 && !with_authorities) {
    std::cerr << "usage: https_client URL [--ca FILE]\n";
    return 64;
  }
  crypto::start();
  auto trusted = with_authorities ? pem::authorities(argv[3])
                                  : pem::require(crypto::TrustStore::system(), "the system");
  get(url::parse(argv[1], "https", "443"),
      std::make_shared<tls::ClientConfig>(std::make_shared<tls::ChainVerifier>(
          std::move(trusted), crypto::Purpose::kServerAuthentication)));
  return 0;
} catch (const std::exception& error) {
  std::cerr << "https_client: " << error.what() << '\n';
  return 1;
}
