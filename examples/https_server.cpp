// A small HTTPS server: answers every GET with a page about the connection that it came by. For
// /keyupdate it also changes the keys, and asks the client to do the same.
//
//   https_server PORT CERT KEY [OPTION]...
//
//   --credential CERT KEY   one more certificate, of another kind or for another name
//   --tickets               clients may resume
//   --client-ca FILE        only clients with a certificate of this authority
//   --key-log FILE          writes down the secrets of all connections
#include <iostream>

#include "crypto/start.hpp"
#include "http/parser.hpp"
#include "http/response.hpp"
#include "key_log.hpp"
#include "pem.hpp"
#include "tcp.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"

namespace {

using namespace heliograph;

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
      config->verifier = pem::verifier(arguments.at(++i), crypto::Purpose::kClientAuthentication);
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

struct Reply {
  int status;
  std::string page;
  bool keep = false;  // the connection open
};

Reply reply_to(const http::RequestHead& request, tls::Connection& connection, Buffer& output) {
  const http::Fields& fields = request.fields;
  const bool has_body = fields.find("Content-Length") || fields.find("Transfer-Encoding");
  if (request.method != "GET" || has_body) return {501, "Only GET, please\n"};
  if (request.path() == "/keyupdate") {
    connection.update_keys(tls::KeyUpdateRequest::kUpdateRequested, output);
  }
  const bool keep = request.minor_version == 1 && !fields.has_token("Connection", "close");
  return {200, page_about(connection.negotiated()), keep};
}

bool send(const Reply& reply, tls::Connection& connection, Buffer& output) {
  const http::Field field{"Connection", reply.keep ? "keep-alive" : "close"};
  Buffer response;
  const bool written = http::append_response(response, reply.status, {&field, 1}, reply.page);
  connection.send(response.bytes(), output);
  return written && reply.keep;
}

void serve(tcp::Socket socket, std::shared_ptr<const tls::ServerConfig> config) {
  socket.set_timeout(std::chrono::seconds(30));
  tls::ServerConnection connection(std::move(config), tcp::now());
  http::RequestParser requests;
  MutableBytes input;
  Buffer output;
  for (bool open = true; open;) {
    const auto event = connection.receive(input, output);
    if (!event || event->kind == tls::Event::Kind::kCloseNotify) break;
    if (event->kind == tls::Event::Kind::kNeedMore) open = socket.exchange(output, input);
    for (MutableBytes data = event->data; open && !data.empty();) {
      const auto request = requests.receive(data);
      if (request && !*request) break;  // it goes on in later data
      open = send(request ? reply_to(**request, connection, output)
                          : Reply{http::status_for(request.error()), "Malformed\n"},
                  connection, output);
    }
  }
  connection.close(output);
  socket.write(output);
  socket.finish();
}

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
  tcp::serve_each(listener, [config](tcp::Socket socket) { serve(std::move(socket), config); });
} catch (const std::exception& error) {
  std::cerr << "https_server: " << error.what() << '\n';
  return 1;
}
