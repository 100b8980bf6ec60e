/* Mbed TLS as a peer of matrix.py:
 *
 *   mbedtls_peer client PORT CASE CA [CERT KEY]
 *   mbedtls_peer server PORT CASE CA CERT KEY
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char kRequest[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/* The first has no share that our server could use. */
static const uint16_t kClientGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
                                         MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, 0};
static const uint16_t kServerGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, 0};

static mbedtls_ctr_drbg_context rng;
static mbedtls_ssl_config config;

static void check(int code, const char* what) {
  if (code == 0) return;
  fprintf(stderr, "mbedtls_peer: %s: -0x%04x\n", what, (unsigned)-code);
  exit(1);
}

static void set_credentials(const char* ca, const char* certificate, const char* key) {
  static mbedtls_x509_crt trusted, chain;
  static mbedtls_pk_context private_key;
  mbedtls_x509_crt_init(&trusted);
  check(mbedtls_x509_crt_parse_file(&trusted, ca), ca);
  mbedtls_ssl_conf_ca_chain(&config, &trusted, NULL);
  if (certificate == NULL) return;
  mbedtls_x509_crt_init(&chain);
  mbedtls_pk_init(&private_key);
  check(mbedtls_x509_crt_parse_file(&chain, certificate), certificate);
  check(mbedtls_pk_parse_keyfile(&private_key, key, NULL, mbedtls_ctr_drbg_random, &rng), key);
  check(mbedtls_ssl_conf_own_cert(&config, &chain, &private_key), "own certificate");
}

/* Asks for the page, and keeps the session if there is a place for it. */
static void request(const char* port, const mbedtls_ssl_session* resumed, mbedtls_ssl_session* kept) {
  unsigned char text[4096];
  int size;
  mbedtls_net_context socket;
  mbedtls_ssl_context ssl;
  mbedtls_net_init(&socket);
  mbedtls_ssl_init(&ssl);
  check(mbedtls_net_connect(&socket, "localhost", port, MBEDTLS_NET_PROTO_TCP), "connect");
  check(mbedtls_ssl_setup(&ssl, &config), "setup");
  check(mbedtls_ssl_set_hostname(&ssl, "localhost"), "name");
  if (resumed != NULL) check(mbedtls_ssl_set_session(&ssl, resumed), "session");
  mbedtls_ssl_set_bio(&ssl, &socket, mbedtls_net_send, mbedtls_net_recv, NULL);
  check(mbedtls_ssl_handshake(&ssl), "handshake");
  mbedtls_ssl_write(&ssl, (const unsigned char*)kRequest, sizeof kRequest - 1);
  while ((size = mbedtls_ssl_read(&ssl, text, sizeof text)) != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    if (size > 0) {
      fwrite(text, 1, (size_t)size, stdout);
    } else if (size == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
      if (kept != NULL) check(mbedtls_ssl_get_session(&ssl, kept), "session");
    } else if (size != MBEDTLS_ERR_SSL_WANT_READ) {
      check(size == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : size, "read");
    }
  }
  mbedtls_ssl_close_notify(&ssl);
  mbedtls_net_free(&socket);
  mbedtls_ssl_free(&ssl);
}

static void run_client(const char* port, const char* what) {
  mbedtls_ssl_session session;
  mbedtls_ssl_session_init(&session);
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
      &config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
  if (strcmp(what, "retried") == 0) mbedtls_ssl_conf_groups(&config, kClientGroups);
  if (strcmp(what, "resumed") == 0) {
    request(port, NULL, &session);
    request(port, &session, NULL);
  } else {
    request(port, NULL, NULL);
  }
}

static void run_server(const char* port, const char* what) {
  unsigned char text[4096];
  int size;
  mbedtls_ssl_ticket_context tickets;
  mbedtls_net_context listener, socket;
  mbedtls_ssl_context ssl;
  mbedtls_net_init(&listener);
  mbedtls_ssl_ticket_init(&tickets);
  check(mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &rng, MBEDTLS_CIPHER_AES_256_GCM,
                                 3600),
        "tickets");
  mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                      &tickets);
  if (strcmp(what, "retried") == 0) mbedtls_ssl_conf_groups(&config, kServerGroups);
  mbedtls_ssl_conf_authmode(&config, strcmp(what, "client-certificate") == 0
                                         ? MBEDTLS_SSL_VERIFY_REQUIRED
                                         : MBEDTLS_SSL_VERIFY_NONE);
  check(mbedtls_net_bind(&listener, "localhost", port, MBEDTLS_NET_PROTO_TCP), "bind");
  for (;;) {
    mbedtls_net_init(&socket);
    mbedtls_ssl_init(&ssl);
    check(mbedtls_net_accept(&listener, &socket, NULL, 0, NULL), "accept");
    check(mbedtls_ssl_setup(&ssl, &config), "setup");
    mbedtls_ssl_set_bio(&ssl, &socket, mbedtls_net_send, mbedtls_net_recv, NULL);
    while ((size = mbedtls_ssl_read(&ssl, text, sizeof text)) > 0) {
      mbedtls_ssl_write(&ssl, text, (size_t)size);
    }
    mbedtls_ssl_close_notify(&ssl);
    mbedtls_net_free(&socket);
    mbedtls_ssl_free(&ssl);
  }
}

int main(int argc, char** argv) {
  mbedtls_entropy_context entropy;
  if (argc != 5 && argc != 7) return 64;
  const int is_client = strcmp(argv[1], "client") == 0;
  psa_crypto_init();
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&rng);
  mbedtls_ssl_config_init(&config);
  check(mbedtls_ctr_drbg_seed(&rng, mbedtls_entropy_func, &entropy, NULL, 0), "seed");
  check(mbedtls_ssl_config_defaults(&config, is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
        "defaults");
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &rng);
  mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_3);
  set_credentials(argv[4], argc == 7 ? argv[5] : NULL, argc == 7 ? argv[6] : NULL);
  if (is_client) {
    run_client(argv[2], argv[3]);
  } else {
    run_server(argv[2], argv[3]);
  }
  return 0;
}
