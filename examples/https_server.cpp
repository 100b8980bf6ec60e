// A small HTTPS server: answers every GET with a page about the connection that it came by.
//
//   https_server PORT CERT KEY [OPTION]...
//
//   --credential CERT KEY   one more certificate, of another kind or for another name
//   --tickets               clients may resume
//   --client-ca FILE        only clients with a certificate of this authority
//   --key-log FILE          writes down the secrets of all connections
//
// GET /update-keys also changes the keys, and asks the client to do the same.
#include <fstream>
#include <iostream>
#include <syncstream>

#include <sys/stat.h>

#include "crypto/start.hpp"
#include "http/parser.hpp"
#include "http/response.hpp"
#include "pem.hpp"
#include "tcp.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"

namespace {

using namespace heliograph;

tls::KeyLog key_log(const std::string& path) {
  ::umask(S_IRWXG | S_IRWXO);  // whoever reads it can read all traffic
  return [file = std::make_shared<std::ofstream>(path, std::ios::app)](std::string_view line) {
    std::osyncstream(*file) << line << std::endl;
  };
}

std::shared_ptr<const tls::ServerConfig> configure(const std::vector<std::string>& arguments) {
  auto config = std::make_shared<tls::ServerConfig>();
  config->application_protocols = {"http/1.1"};
  config->credentials = {pem::credential(arguments.at(1), arguments.at(2))};
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    if (arguments[i] == "--credential") {
      config->credentials.push_back(pem::credential(arguments.at(i + 1), arguments.at(i + 2)));
      i += 2;
    } else if (arguments[i] == "--tickets") {
      config->tickets = tls::TicketKeys::generate();
    } else if (arguments[i] == "--client-ca") {
      config->client_certificates = tls::ClientCertificates::kRequired;
      config->verifier = std::make_shared<tls::ChainVerifier>(
          pem::authorities(arguments.at(++i)), crypto::Purpose::kClientAuthentication);
    } else if (arguments[i] == "--key-log") {
      config->key_log = key_log(arguments.at(++i));
    } else {
      throw std::runtime_error(arguments[i] + ": there is no such option");
    }
  }
  return config;
}

std::string page_about(const tls::Negotiated& negotiated) {
  std::string page(tls::name(negotiated.cipher_suite));
  page.append(" ").append(tls::name(negotiated.group)).append("\n");
  if (negotiated.resumed) page += "resumed\n";
  if (negotiated.did_hello_retry) page += "after a HelloRetryRequest\n";
  if (negotiated.peer != nullptr) page += "client " + negotiated.peer->identity.subject + "\n";
  return page;
}

class Client {
 public:
  Client(tcp::Socket socket, std::shared_ptr<const tls::ServerConfig> config)
      : socket_(std::move(socket)), tls_(std::move(config), tcp::now()) {
    socket_.set_timeout(std::chrono::seconds(30));
  }

  void serve() {
    for (bool open = true; open;) {
      const auto event = tls_.receive(input_, output_);
      if (!event || event->kind == tls::Event::Kind::kCloseNotify) break;
      if (event->kind == tls::Event::Kind::kData) open = answer(event->data);
      if (event->kind == tls::Event::Kind::kNeedMore) open = exchange();
    }
    tls_.close(output_);
    socket_.write(output_);
    socket_.finish();
  }

 private:
  // False if the client has hung up.
  bool exchange() {
    if (!socket_.write(output_)) return false;
    input_ = socket_.read();
    return !input_.empty();
  }

  // Answers the requests in `data`. False if the last of them ends the connection.
  bool answer(MutableBytes data) {
    for (;;) {
      const auto request = http_.receive(data);
      if (!request) return respond(http::status_for(request.error()), "Malformed\n", false);
      if (!*request) return true;
      if (!answer(**request)) return false;
    }
  }

  bool answer(const http::RequestHead& request) {
    const http::Fields& fields = request.fields;
    const bool has_body = fields.find("Content-Length") || fields.find("Transfer-Encoding");
    if (request.method != "GET" || has_body) return respond(501, "Only GET, please\n", false);
    if (request.path() == "/update-keys") {
      tls_.update_keys(tls::KeyUpdateRequest::kUpdateRequested, output_);
    }
    const bool keep = request.minor_version == 1 && !fields.has_token("Connection", "close");
    return respond(200, page_about(tls_.negotiated()), keep);
  }

  bool respond(int status, std::string_view page, bool keep) {
    const http::Field connection{"Connection", keep ? "keep-alive" : "close"};
    Buffer response;
    const bool written = http::append_response(response, status, {&connection, 1}, page);
    tls_.send(response.bytes(), output_);
    return written && keep;
  }

  tcp::Socket socket_;
  tls::ServerConnection tls_;
  http::RequestParser http_;
  MutableBytes input_;
  Buffer output_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::cerr << "usage: https_server PORT CERT KEY [OPTION]...\n";
    return 64;
  }
  crypto::start();
  const auto config = configure({argv + 1, argv + argc});
  const tcp::Socket listener = tcp::listen(argv[1]);
  std::cout << "listening on port " << argv[1] << std::endl;
  tcp::serve_each(listener,
                  [config](tcp::Socket socket) { Client(std::move(socket), config).serve(); });
} catch (const std::exception& error) {
  std::cerr << "https_server: " << error.what() << '\n';
  return 1;
}
