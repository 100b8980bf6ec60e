// How the load speaks TLS: one context for all its connections, and the newest session that a
// server gave.
#pragma once

#include <memory>

#include <openssl/ssl.h>

#include "load/settings.hpp"

namespace heliograph::bench {

class ClientTls {
 public:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  explicit ClientTls(const Settings& settings);

  // Null for plain TCP.
  [[nodiscard]] SSL_CTX* context() const { return context_.get(); }
  [[nodiscard]] bool has_session() const { return session_ != nullptr; }
  // A copy for one connection, which would spoil it for others if it ended badly. Null before the
  // first.
  [[nodiscard]] std::unique_ptr<SSL_SESSION, Free> session() const;

 private:
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL_SESSION, Free> session_;
};

}  // namespace heliograph::bench
