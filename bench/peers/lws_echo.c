/* A WebSocket echo server by libwebsockets, in one thread:
 *
 *   lws_echo PORT CERTIFICATE KEY
 *
 * With `-` as certificate it speaks ws:// instead of wss://. */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE = 1024, MAX_WAITING = 64 };

struct message {
  unsigned char room[LWS_PRE]; /* for the head, as the library demands */
  unsigned char text[MAX_MESSAGE];
  size_t size;
};

struct session {
  struct message *waiting; /* a ring */
  unsigned first, count;
  size_t size; /* of what has come of the next one */
};

/* A message comes in as many pieces as the socket gave it. */
static int keep(struct session *session, const void *piece, size_t size, int is_last) {
  if (session->count == MAX_WAITING || size > MAX_MESSAGE - session->size) return -1;
  struct message *message = &session->waiting[(session->first + session->count) % MAX_WAITING];
  memcpy(message->text + session->size, piece, size);
  session->size += size;
  if (!is_last) return 0;
  message->size = session->size;
  session->size = 0;
  ++session->count;
  return 0;
}

static int echo(struct lws *socket, enum lws_callback_reasons reason, void *user, void *in,
                size_t size) {
  struct session *session = user;
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      session->waiting = malloc(MAX_WAITING * sizeof *session->waiting);
      session->first = session->count = 0;
      session->size = 0;
      return session->waiting ? 0 : -1;
    case LWS_CALLBACK_CLOSED:
      free(session->waiting);
      return 0;
    case LWS_CALLBACK_RECEIVE:
      if (keep(session, in, size, lws_is_final_fragment(socket)) != 0) return -1;
      if (session->count > 0) lws_callback_on_writable(socket);
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE: {
      if (session->count == 0) return 0;
      struct message *message = &session->waiting[session->first];
      session->first = (session->first + 1) % MAX_WAITING;
      --session->count;
      if (lws_write(socket, message->text, message->size, LWS_WRITE_TEXT) < (int)message->size)
        return -1;
      if (session->count > 0) lws_callback_on_writable(socket);
      return 0;
    }
    default:
      return lws_callback_http_dummy(socket, reason, user, in, size);
  }
}

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "usage: lws_echo PORT CERTIFICATE KEY\n");
    return 64;
  }
  static const struct lws_protocols protocols[] = {
      {"echo", echo, sizeof(struct session), MAX_MESSAGE, 0, NULL, 0},
      {NULL, NULL, 0, 0, 0, NULL, 0},
  };
  struct lws_context_creation_info info;
  memset(&info, 0, sizeof info);
  lws_set_log_level(LLL_ERR, NULL);
  info.port = atoi(words[1]);
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.gid = info.uid = (unsigned)-1;
  if (strcmp(words[2], "-") != 0) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = words[2];
    info.ssl_private_key_filepath = words[3];
  }
  struct lws_context *context = lws_create_context(&info);
  if (!context) return 1;
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
  return 0;
}
