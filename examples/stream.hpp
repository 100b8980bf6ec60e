// A client's connection: TCP, or TLS over it if the URL says so. What fails throws.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "crypto/trust_store.hpp"
#include "pem.hpp"
#include "tcp.hpp"
#include "tls/client.hpp"
#include "url.hpp"

class Stream {
 public:
  // The server's certificate must be issued by an authority of the file `ca`, or, if that is empty,
  // by one that this system trusts.
  Stream(const url::Url& url, bool secure, const std::string& ca)
      : socket_(tcp::connect(url.host, url.port)) {
    using namespace heliograph;
    if (!secure) return;
    auto trusted = ca.empty() ? pem::require(crypto::TrustStore::system(), "the system")
                              : pem::authorities(ca);
    const auto config = std::make_shared<tls::ClientConfig>(std::make_shared<tls::ChainVerifier>(
        std::move(trusted), crypto::Purpose::kServerAuthentication));
    config->application_protocols = {"http/1.1"};
    tls_.emplace(config, pem::require(tls::ServerName::parse(url.host), url.host), tcp::now());
    tls_->start(records_);
  }

  [[nodiscard]] int fd() const { return socket_.fd(); }

  // Sends `output` and empties it; before TLS is established, keeps it for later.
  void write(heliograph::Buffer& output) {
    if (tls_ && tls_->can_send() && !output.empty()) {
      tls_->send(output.bytes(), records_);
      output.clear();
    }
    socket_.write(tls_ ? records_ : output);
  }

  // Waits for bytes and gives them to `take`, piece by piece. False: no more will come.
  template <class Take>
  bool read(const Take& take) {
    using Kind = heliograph::tls::Event::Kind;
    heliograph::MutableBytes input = socket_.read();
    if (input.empty()) return false;
    if (!tls_) take(input);
    while (tls_) {
      const auto event = tls_->receive(input, records_);
      if (!event) {
        finish();
        throw std::runtime_error(std::string(heliograph::tls::describe(event.error())));
      }
      if (event->kind == Kind::kNeedMore) break;
      if (event->kind == Kind::kCloseNotify) return false;
      if (event->kind == Kind::kData) take(event->data);
    }
    return true;
  }

  // Says that nothing more comes, behind everything that was written.
  void finish() {
    if (tls_) tls_->close(records_);
    socket_.write(records_);
    socket_.finish();
  }

 private:
  tcp::Socket socket_;
  std::optional<heliograph::tls::ClientConnection> tls_;
  heliograph::Buffer records_;
};
