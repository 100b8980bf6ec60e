// A client for matrix.py to point at other implementations' servers.
//
//   interop_client PORT CASE CA [CERT KEY]
//
// CASE is one of those of matrix.py. Connects to localhost, sends a request and waits until
// anything comes back; then prints what was negotiated.
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "crypto/start.hpp"
#include "examples/pem.hpp"
#include "examples/tcp.hpp"
#include "tls/client.hpp"

namespace {

using namespace heliograph;

using Config = std::shared_ptr<const tls::ClientConfig>;
using Session = std::shared_ptr<const tls::ClientSession>;

enum class KeyUpdate : std::uint8_t { kNo, kYes };

class Exchange {
 public:
  Exchange(const std::string& port, Config config, Session session)
      : socket_(tcp::connect("localhost", port)),
        tls_(std::move(config), *tls::ServerName::parse("localhost"), tcp::now(),
             std::move(session)) {
    socket_.set_timeout(std::chrono::seconds(10));
  }

  // Until an answer has come, and a session if one is asked for.
  Session run(KeyUpdate key_update, bool with_session) {
    tls_.start(output_);
    std::optional<tls::ClientSession> session;
    MutableBytes input;
    for (bool answered = false; !answered || (with_session && !session);) {
      const auto event = tls_.receive(input, output_);
      if (!event) throw std::runtime_error(explain(event.error()));
      switch (event->kind) {
        case tls::Event::Kind::kNeedMore:
          input = exchange();
          break;
        case tls::Event::Kind::kHandshakeComplete:
          send_request(key_update);
          break;
        case tls::Event::Kind::kData:
          answered = true;
          break;
        case tls::Event::Kind::kSession:
          session = std::move(tls_.take_sessions(tcp::now()).back());
          break;
        case tls::Event::Kind::kCloseNotify:
          throw std::runtime_error("closed too early");
        case tls::Event::Kind::kEarlyData:
          break;
      }
    }
    tls_.close(output_);
    socket_.write(output_);
    socket_.finish();
    return session ? std::make_shared<tls::ClientSession>(std::move(*session)) : nullptr;
  }

  void report() const {
    const tls::Negotiated& negotiated = tls_.negotiated();
    std::cout << tls::name(negotiated.cipher_suite) << ' ' << tls::name(negotiated.group)
              << (negotiated.resumed ? " resumed" : "")
              << (negotiated.did_hello_retry ? " retried" : "")
              << (negotiated.signature_scheme ? " presented" : "") << '\n';
  }

 private:
  void send_request(KeyUpdate key_update) {
    if (key_update == KeyUpdate::kYes) {
      tls_.update_keys(tls::KeyUpdateRequest::kUpdateRequested, output_);
    }
    const Bytes request = as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    tls_.send({&request, 1}, output_);
  }

  MutableBytes exchange() {
    socket_.write(output_);
    const MutableBytes input = socket_.read();
    if (input.empty()) throw std::runtime_error("nothing more came");
    return input;
  }

  std::string explain(tls::Error error) {
    socket_.write(output_);
    std::string reason(tls::describe(error));
    if (const auto alert = tls_.peer_alert()) reason.append(": ").append(tls::name(*alert));
    return reason;
  }

  tcp::Socket socket_;
  tls::ClientConnection tls_;
  Buffer output_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 6) return 64;
  const std::string_view what = argv[2];
  crypto::start();
  const auto config = std::make_shared<tls::ClientConfig>(std::make_shared<tls::ChainVerifier>(
      pem::authorities(argv[3]), crypto::Purpose::kServerAuthentication));
  if (argc == 6) config->credentials = {pem::credential(argv[4], argv[5])};
  Session session;
  if (what == "resumed") {
    session = Exchange(argv[1], config, nullptr).run(KeyUpdate::kNo, true);
  }
  Exchange exchange(argv[1], config, session);
  exchange.run(what == "key-update" ? KeyUpdate::kYes : KeyUpdate::kNo, false);
  exchange.report();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "interop_client: " << error.what() << '\n';
  return 1;
}
