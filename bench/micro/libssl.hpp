// Both roles of OpenSSL's libssl in memory: the client of every handshake that is measured, and the
// server beside ours.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "bench/micro/primitives.hpp"

namespace heliograph::bench {

using OwnedSslContext = Owned<SSL_CTX, SSL_CTX_free>;
using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

// One connection, with its two ends of the wire.
class LibsslConnection {
 public:
  // A client if `session` is given, even if it is null: then it asks for a full handshake.
  static LibsslConnection client(SSL_CTX& context, SSL_SESSION* session);
  static LibsslConnection server(SSL_CTX& context);

  // Takes what the peer has sent and goes on with the handshake, or once it is complete, reads and
  // drops all data. Appends what is to be sent.
  void receive(Bytes input, Buffer& output);
  void send(Bytes text, Buffer& output);

  [[nodiscard]] bool established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // A client's, once a ticket has come.
  [[nodiscard]] OwnedSession session() const {
    return OwnedSession(SSL_SESSION_dup(SSL_get0_session(ssl_.get())));
  }

 private:
  explicit LibsslConnection(SSL_CTX& context);
  void take_output(Buffer& output);

  Owned<SSL, SSL_free> ssl_;
  BIO* from_peer_;
  BIO* to_peer_;
};

// For TLS 1.3 with TLS_AES_128_GCM_SHA256 and the groups of this list only.
OwnedSslContext libssl_client(const char* groups);
OwnedSslContext libssl_server(const char* groups, Bytes certificate_pem, Bytes key_pem);

}  // namespace heliograph::bench
