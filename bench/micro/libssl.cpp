#include "bench/micro/libssl.hpp"

#include <array>

#include <openssl/pem.h>

namespace heliograph::bench {
namespace {

OwnedSslContext context_for(const SSL_METHOD* method, const char* groups) {
  OwnedSslContext context(SSL_CTX_new(method));
  require(context != nullptr && SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
              SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256") == 1 &&
              SSL_CTX_set1_groups_list(context.get(), groups) == 1,
          "libssl can be configured");
  return context;
}

Owned<BIO, BIO_free_all> memory(Bytes bytes) {
  return Owned<BIO, BIO_free_all>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

}  // namespace

OwnedSslContext libssl_client(const char* groups) {
  OwnedSslContext context = context_for(TLS_client_method(), groups);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

OwnedSslContext libssl_server(const char* groups, Bytes certificate_pem, Bytes key_pem) {
  OwnedSslContext context = context_for(TLS_server_method(), groups);
  const auto certificate_text = memory(certificate_pem);
  const auto key_text = memory(key_pem);
  const Owned<X509, X509_free> certificate(
      PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
  const OwnedPkey key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  require(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
          "libssl takes the certificate");
  return context;
}

LibsslConnection::LibsslConnection(SSL_CTX& context)
    : ssl_(SSL_new(&context)), from_peer_(BIO_new(BIO_s_mem())), to_peer_(BIO_new(BIO_s_mem())) {
  require(ssl_ != nullptr && from_peer_ != nullptr && to_peer_ != nullptr, "memory is there");
  BIO_set_mem_eof_return(from_peer_, -1);
  SSL_set_bio(ssl_.get(), from_peer_, to_peer_);
}

LibsslConnection LibsslConnection::client(SSL_CTX& context, SSL_SESSION* session) {
  LibsslConnection connection(context);
  SSL_set_connect_state(connection.ssl_.get());
  char name[] = "localhost";
  SSL_ctrl(connection.ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name);
  // libssl calls a session bad when its connection was not closed: each gets a copy.
  if (session != nullptr) {
    const OwnedSession copy(SSL_SESSION_dup(session));
    SSL_set_session(connection.ssl_.get(), copy.get());
  }
  return connection;
}

LibsslConnection LibsslConnection::server(SSL_CTX& context) {
  LibsslConnection connection(context);
  SSL_set_accept_state(connection.ssl_.get());
  return connection;
}

void LibsslConnection::receive(Bytes input, Buffer& output) {
  std::array<std::uint8_t, 16384> text;
  if (!input.empty()) BIO_write(from_peer_, input.data(), static_cast<int>(input.size()));
  if (established() || SSL_do_handshake(ssl_.get()) == 1) {
    while (SSL_read(ssl_.get(), text.data(), text.size()) > 0) {
    }
  }
  take_output(output);
}

void LibsslConnection::send(Bytes text, Buffer& output) {
  SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
  take_output(output);
}

void LibsslConnection::take_output(Buffer& output) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(to_peer_, &bytes);
  if (size <= 0) return;
  output.append(std::string_view(bytes, static_cast<std::size_t>(size)));
  BIO_reset(to_peer_);
}

}  // namespace heliograph::bench
