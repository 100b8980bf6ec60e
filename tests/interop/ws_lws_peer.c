/* libwebsockets as a peer of ws_matrix.py:
 *
 *   ws_lws_peer client URL CA CASE...
 *   ws_lws_peer server PORT DEFLATE [CERT KEY]
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE = 80000, MAX_WAITING = 8 };

struct frame {
  int kind; /* of enum lws_write_protocol, with its flags */
  size_t size;
  unsigned char* payload; /* behind LWS_PRE bytes */
};

struct session {
  struct frame waiting[MAX_WAITING]; /* one leaves at each turn to write */
  int first, last;
  unsigned char message[MAX_MESSAGE];
  size_t size;
  int binary;
  int closing; /* the code to close with once everything has left */
};

static const char* what; /* the client's case */
static const char* result;
static int is_server, answers, deflated, closed_by_us, gone;
static unsigned char bytes[65537];
static char text[11001];

static void put(struct lws* wsi, struct session* session, int kind, const void* payload, size_t size) {
  struct frame* frame = &session->waiting[session->last++ % MAX_WAITING];
  frame->kind = kind;
  frame->size = size;
  frame->payload = malloc(LWS_PRE + size + 1);
  memcpy(frame->payload + LWS_PRE, payload, size);
  lws_callback_on_writable(wsi);
}

static void put_fragments(struct lws* wsi, struct session* session) {
  put(wsi, session, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, "frag", 4);
  put(wsi, session, LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, "men", 3);
  put(wsi, session, LWS_WRITE_CONTINUATION, "ts", 2);
}

static void close_with(struct lws* wsi, struct session* session, int code) {
  session->closing = code;
  closed_by_us = 1;
  lws_callback_on_writable(wsi);
}

static int put_next(struct lws* wsi, struct session* session) {
  if (session->first < session->last) {
    struct frame* frame = &session->waiting[session->first++ % MAX_WAITING];
    int left = lws_write(wsi, frame->payload + LWS_PRE, frame->size, (enum lws_write_protocol)frame->kind);
    free(frame->payload);
    if (left < 0) return -1;
    lws_callback_on_writable(wsi);
    return 0;
  }
  if (!session->closing) return 0;
  lws_close_reason(wsi, (enum lws_close_status)session->closing, (unsigned char*)"bye", 3);
  return -1;
}

/* As a client: begins the case. */
static void begin(struct lws* wsi, struct session* session) {
  if (!strcmp(what, "text")) put(wsi, session, LWS_WRITE_TEXT, "Gr\xc3\xbc\xc3\x9f" "e", 7);
  if (!strcmp(what, "binary")) put(wsi, session, LWS_WRITE_BINARY, bytes, 65536);
  if (!strcmp(what, "too-big")) put(wsi, session, LWS_WRITE_BINARY, bytes, 65537);
  if (!strcmp(what, "ping")) put(wsi, session, LWS_WRITE_PING, "are you there", 13);
  if (!strcmp(what, "deflate")) put(wsi, session, LWS_WRITE_TEXT, text, strlen(text));
  if (!strcmp(what, "fragments")) put_fragments(wsi, session);
  if (!strcmp(what, "open") || !strcmp(what, "subprotocol")) close_with(wsi, session, 1000);
  if (!strcmp(what, "close")) close_with(wsi, session, 4000);
}

/* What came back. */
static void judge(struct lws* wsi, struct session* session) {
  const unsigned char* wanted = (const unsigned char*)"Gr\xc3\xbc\xc3\x9f" "e";
  size_t size = 7;
  if (!strcmp(what, "binary")) wanted = bytes, size = 65536;
  if (!strcmp(what, "fragments")) wanted = (const unsigned char*)"fragments", size = 9;
  if (!strcmp(what, "deflate")) wanted = (unsigned char*)text, size = strlen(text);
  if (size != session->size || memcmp(wanted, session->message, size)) {
    result = "another message";
  } else if (!strcmp(what, "deflate") && !deflated) {
    result = "not agreed on";
  } else if (!strcmp(what, "deflate") && ++answers < 3) {
    begin(wsi, session);
    return;
  } else {
    result = "ok";
  }
  close_with(wsi, session, 1000);
}

/* As a server: echoes, and does what the words of ws_matrix.py ask for. */
static void answer(struct lws* wsi, struct session* session) {
  session->message[session->size] = 0;
  const char* word = (const char*)session->message;
  if (!strcmp(word, "ping")) put(wsi, session, LWS_WRITE_PING, "are you there", 13);
  else if (!strcmp(word, "close")) close_with(wsi, session, 4000);
  else if (!strcmp(word, "fragments")) put_fragments(wsi, session);
  else put(wsi, session, session->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT, session->message, session->size);
}

static void receive(struct lws* wsi, struct session* session, const void* in, size_t size) {
  if (lws_is_first_fragment(wsi)) {
    session->size = 0;
    session->binary = lws_frame_is_binary(wsi);
  }
  if (session->size + size >= MAX_MESSAGE) return;
  memcpy(session->message + session->size, in, size);
  session->size += size;
  if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi)) return;
  if (is_server) answer(wsi, session);
  else judge(wsi, session);
}

static int on_event(struct lws* wsi, enum lws_callback_reasons reason, void* user, void* in, size_t size) {
  struct session* session = user;
  char words[128];
  switch (reason) {
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
      deflated = lws_hdr_copy(wsi, words, sizeof words, WSI_TOKEN_EXTENSIONS) > 0;
      if (strcmp(what, "subprotocol")) break;
      if (lws_hdr_copy(wsi, words, sizeof words, WSI_TOKEN_PROTOCOL) <= 0 || strcmp(words, "chat.v2")) {
        result = "another subprotocol";
      }
      break;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      begin(wsi, session);
      break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return put_next(wsi, session);
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
      receive(wsi, session, in, size);
      break;
    case LWS_CALLBACK_RECEIVE_PONG:
      snprintf(words, sizeof words, "pong %.*s", (int)size, (const char*)in);
      put(wsi, session, LWS_WRITE_TEXT, words, strlen(words));
      break;
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
      result = size == 13 && !memcmp(in, "are you there", 13) ? "ok" : "another pong";
      close_with(wsi, session, 1000);
      break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      if (!is_server) {
        const unsigned char* code = in;
        int is_1009 = size >= 2 && code[0] * 256 + code[1] == 1009;
        result = is_1009 && !strcmp(what, "too-big") ? "ok" : "closed too early";
      }
      break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      result = "no connection";
      gone = 1;
      break;
    case LWS_CALLBACK_CLIENT_CLOSED:
      /* The code of the answer to a close frame is not told. */
      if (!result) result = closed_by_us ? "ok" : "closed too early";
      gone = 1;
      break;
    default:
      break;
  }
  return 0;
}

static struct lws_protocols protocols[] = {
    {"plain", on_event, sizeof(struct session), MAX_MESSAGE, 0, NULL, 0},
    {"chat.v2", on_event, sizeof(struct session), MAX_MESSAGE, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};
static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL},
};

static void run(const char* url, const char* ca) {
  struct lws_context_creation_info info = {0};
  struct lws_client_connect_info connect = {0};
  int secure = !strncmp(url, "wss", 3);
  result = NULL;
  closed_by_us = gone = 0;
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  info.client_ssl_ca_filepath = ca;
  if (!strcmp(what, "deflate")) info.extensions = extensions;
  connect.context = lws_create_context(&info);
  connect.address = connect.host = connect.origin = "localhost";
  connect.port = atoi(strrchr(url, ':') + 1);
  connect.path = "/";
  connect.local_protocol_name = "plain";
  if (!strcmp(what, "subprotocol")) connect.protocol = "chat.v1,chat.v2";
  connect.ssl_connection = secure ? LCCSCF_USE_SSL : 0;
  lws_client_connect_via_info(&connect);
  while (!gone) lws_service(connect.context, 0);
  lws_context_destroy(connect.context);
  printf("%s %s\n", what, result);
  fflush(stdout);
}

static int serve(int argc, char** argv) {
  struct lws_context_creation_info info = {0};
  is_server = 1;
  info.port = atoi(argv[2]);
  info.protocols = protocols;
  info.vhost_name = "localhost";
  if (!strcmp(argv[3], "yes")) info.extensions = extensions;
  if (argc == 6) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = argv[4];
    info.ssl_private_key_filepath = argv[5];
  }
  struct lws_context* context = lws_create_context(&info);
  if (!context) return 1;
  while (lws_service(context, 0) >= 0) {
  }
  return 0;
}

int main(int argc, char** argv) {
  lws_set_log_level(LLL_ERR, NULL);
  for (size_t i = 0; i < sizeof bytes; ++i) bytes[i] = (unsigned char)(i * 7);
  for (int i = 0; i < 1000; ++i) memcpy(text + 11 * i, "heliograph ", 11);
  if (!strcmp(argv[1], "server")) return serve(argc, argv);
  for (int i = 4; i < argc; ++i) {
    what = argv[i];
    run(argv[2], argv[3]);
  }
  return 0;
}
