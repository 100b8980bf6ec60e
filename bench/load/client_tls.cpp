#include "load/client_tls.hpp"

#include "load/stream.hpp"

namespace heliograph::bench {

ClientTls::ClientTls(const Settings& settings) {
  if (settings.plain) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = context_.get();
  const int version = settings.tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  if (SSL_CTX_set1_groups_list(context, settings.group.c_str()) != 1) {
    throw ConnectionError("libssl knows no group " + settings.group);
  }
  if (SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
      SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256") != 1) {
    throw ConnectionError("libssl has no AES-128-GCM");
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_sess_set_new_cb(context, keep_session);
}

std::unique_ptr<SSL_SESSION, ClientTls::Free> ClientTls::session() const {
  return std::unique_ptr<SSL_SESSION, Free>(session_ ? SSL_SESSION_dup(session_.get()) : nullptr);
}

// Only the first: who resumes it again and again lets a server do the same work every time.
int ClientTls::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<ClientTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (self.session_) return 0;
  self.session_.reset(session);
  return 1;
}

}  // namespace heliograph::bench
