// What `heliograph connect` does with a connection, by the scheme of the URL. Each returns when the
// conversation has ended well, and throws Failure otherwise.
#pragma once

#include "app/server_url.hpp"
#include "app/tls_client.hpp"

namespace heliograph::app {

// tls: standard input to the server, the server to standard output. Says close_notify at the end of
// standard input, and ends with the server's.
void copy_streams(TlsClient& server);

// https: asks for the page and prints the response, by HTTP/1.0, so that the body is everything up
// to the end of the connection.
void get_page(TlsClient& server, const ServerUrl& url);

// wss: each line of standard input is a message, and each message a line of standard output.
void exchange_messages(TlsClient& server, const ServerUrl& url);

}  // namespace heliograph::app
