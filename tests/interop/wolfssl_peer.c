/* wolfSSL as a peer of matrix.py:
 *
 *   wolfssl_peer client PORT CASE CA [CERT KEY]
 *   wolfssl_peer server PORT CASE CA CERT KEY
 */
#include <wolfssl/options.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wolfssl/ssl.h>

static const char* ca;
static const char* certificate;
static const char* key;
static struct sockaddr_in address;

static void check(int good, const char* what) {
  if (good) return;
  fprintf(stderr, "wolfssl_peer: %s\n", what);
  exit(1);
}

static WOLFSSL_CTX* make_context(WOLFSSL_METHOD* method) {
  WOLFSSL_CTX* context = wolfSSL_CTX_new(method);
  check(context != NULL, "context");
  check(wolfSSL_CTX_load_verify_locations(context, ca, NULL) == WOLFSSL_SUCCESS, ca);
  if (certificate == NULL) return context;
  check(wolfSSL_CTX_use_certificate_chain_file(context, certificate) == WOLFSSL_SUCCESS, certificate);
  check(wolfSSL_CTX_use_PrivateKey_file(context, key, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS, key);
  return context;
}

static WOLFSSL* connect_to_server(WOLFSSL_CTX* context, WOLFSSL_SESSION* session, int retried) {
  int groups[] = {WOLFSSL_ECC_SECP521R1, WOLFSSL_ECC_SECP256R1};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  WOLFSSL* ssl = wolfSSL_new(context);
  check(connect(fd, (struct sockaddr*)&address, sizeof address) == 0, "connect");
  check(wolfSSL_check_domain_name(ssl, "localhost") == WOLFSSL_SUCCESS, "name");
  check(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9) == WOLFSSL_SUCCESS, "SNI");
  if (retried) {
    check(wolfSSL_set_groups(ssl, groups, 2) == WOLFSSL_SUCCESS, "groups");
    check(wolfSSL_UseKeyShare(ssl, WOLFSSL_ECC_SECP521R1) == WOLFSSL_SUCCESS, "key share");
  }
  if (session != NULL) wolfSSL_set_session(ssl, session);
  wolfSSL_set_fd(ssl, fd);
  if (wolfSSL_connect(ssl) != WOLFSSL_SUCCESS) {
    char reason[80];
    check(0, wolfSSL_ERR_error_string((unsigned long)wolfSSL_get_error(ssl, 0), reason));
  }
  return ssl;
}

static void request(WOLFSSL* ssl, const char* path, int last) {
  char text[4096];
  int size = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n",
                      path, last ? "close" : "keep-alive");
  check(wolfSSL_write(ssl, text, size) == size, "write");
  while ((size = wolfSSL_read(ssl, text, sizeof text)) > 0) {
    fwrite(text, 1, (size_t)size, stdout);
    if (!last) return;
  }
}

static void hang_up(WOLFSSL* ssl) {
  wolfSSL_shutdown(ssl);
  close(wolfSSL_get_fd(ssl));
  wolfSSL_free(ssl);
}

static void run_client(const char* what) {
  WOLFSSL_CTX* context = make_context(wolfTLSv1_3_client_method());
  WOLFSSL_SESSION* session = NULL;
  WOLFSSL* ssl;
  if (strcmp(what, "resumed") == 0) {
    ssl = connect_to_server(context, NULL, 0);
    request(ssl, "/", 1);
    session = wolfSSL_get1_session(ssl);
    hang_up(ssl);
  }
  ssl = connect_to_server(context, session, strcmp(what, "retried") == 0);
  if (strcmp(what, "key-update") == 0) {
    request(ssl, "/keyupdate", 0);
    check(wolfSSL_update_keys(ssl) == WOLFSSL_SUCCESS, "update keys");
  }
  request(ssl, "/", 1);
  hang_up(ssl);
}

static void run_server(const char* what) {
  WOLFSSL_CTX* context = make_context(wolfTLSv1_3_server_method());
  int groups[] = {WOLFSSL_ECC_SECP384R1};
  int on = 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(bind(listener, (struct sockaddr*)&address, sizeof address) == 0, "bind");
  check(listen(listener, 5) == 0, "listen");
  if (strcmp(what, "retried") == 0) wolfSSL_CTX_set_groups(context, groups, 1);
  if (strcmp(what, "client-certificate") == 0) {
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  }
  for (;;) {
    char text[4096];
    int size;
    WOLFSSL* ssl = wolfSSL_new(context);
    wolfSSL_set_fd(ssl, accept(listener, NULL, NULL));
    while ((size = wolfSSL_read(ssl, text, sizeof text)) > 0) wolfSSL_write(ssl, text, size);
    hang_up(ssl);
  }
}

int main(int argc, char** argv) {
  if (argc != 5 && argc != 7) return 64;
  ca = argv[4];
  if (argc == 7) {
    certificate = argv[5];
    key = argv[6];
  }
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)atoi(argv[2]));
  wolfSSL_Init();
  if (strcmp(argv[1], "client") == 0) {
    run_client(argv[3]);
  } else {
    run_server(argv[3]);
  }
  return 0;
}
