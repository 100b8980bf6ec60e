// Boost.Beast as a peer of ws_matrix.py:
//
//   ws_beast_peer client URL CA CASE...
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

namespace {

void demand(bool condition, const char* message) {
  if (!condition) throw std::runtime_error(message);
}

template <class Socket>
std::string receive(Socket& socket) {
  beast::flat_buffer buffer;
  socket.read(buffer);
  return beast::buffers_to_string(buffer.data());
}

template <class Socket>
void echo(Socket& socket, const std::string& message, bool binary) {
  socket.binary(binary);
  socket.write(asio::buffer(message));
  demand(receive(socket) == message && socket.got_binary() == binary, "another message");
}

template <class Socket>
void expect_close(Socket& socket, std::uint16_t code) {
  beast::flat_buffer buffer;
  beast::error_code error;
  socket.read(buffer, error);
  demand(error == websocket::error::closed && socket.reason().code == code, "another code");
}

template <class Socket>
void ping(Socket& socket) {
  std::string answer;
  socket.control_callback([&](websocket::frame_type kind, beast::string_view payload) {
    if (kind == websocket::frame_type::pong) answer = std::string(payload);
  });
  socket.ping("are you there");
  echo(socket, "behind", false);  // pongs are handled while a message is waited for
  demand(answer == "are you there", "another pong");
}

template <class Socket>
void run(Socket& socket, const std::string& what) {
  websocket::response_type response;
  websocket::permessage_deflate deflate;
  deflate.client_enable = what == "deflate";
  socket.set_option(deflate);
  if (what == "subprotocol") {
    socket.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::sec_websocket_protocol, "chat.v1, chat.v2");
    }));
  }
  socket.handshake(response, "localhost", "/");
  if (what == "subprotocol") {
    demand(response[beast::http::field::sec_websocket_protocol] == "chat.v2",
           "another subprotocol");
  }
  if (what == "text")
    echo(socket,
         "Gr\xc3\xbc\xc3\x9f"
         "e, \xe4\xbd\xa0\xe5\xa5\xbd",
         false);
  if (what == "binary") {
    std::string bytes(65536, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
    socket.write_buffer_bytes(16384);
    echo(socket, bytes, true);
  }
  if (what == "fragments") {
    socket.text(true);
    for (const char* part : {"frag", "", "men"})
      socket.write_some(false, asio::buffer(std::string(part)));
    socket.write_some(true, asio::buffer(std::string("ts")));
    demand(receive(socket) == "fragments", "another text");
  }
  if (what == "ping") ping(socket);
  if (what == "deflate") {
    demand(response[beast::http::field::sec_websocket_extensions].starts_with("permessage-deflate"),
           "not agreed on");
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "heliograph ";
    for (int i = 0; i < 3; ++i) echo(socket, text, false);
  }
  if (what == "too-big") {
    socket.auto_fragment(false);
    socket.write(asio::buffer(std::string(65537, 'x')));
    return expect_close(socket, 1009);
  }
  const std::uint16_t code = what == "close" ? 4000 : 1000;
  socket.close({static_cast<websocket::close_code>(code), "bye"});
  demand(socket.reason().code == code, "another code");
}

void visit(const std::string& url, const std::string& ca, const std::string& what) {
  const bool secure = url.starts_with("wss");
  const std::string port = url.substr(url.rfind(':') + 1, url.rfind('/') - url.rfind(':') - 1);
  asio::io_context context;
  const auto addresses = tcp::resolver(context).resolve("localhost", port);
  if (!secure) {
    websocket::stream<tcp::socket> socket(context);
    asio::connect(socket.next_layer(), addresses);
    return run(socket, what);
  }
  asio::ssl::context trusting(asio::ssl::context::tls_client);
  trusting.load_verify_file(ca);
  trusting.set_verify_mode(asio::ssl::verify_peer);
  trusting.set_verify_callback(asio::ssl::host_name_verification("localhost"));
  websocket::stream<beast::ssl_stream<tcp::socket>> socket(context, trusting);
  asio::connect(beast::get_lowest_layer(socket), addresses);
  SSL_set_tlsext_host_name(socket.next_layer().native_handle(), "localhost");
  socket.next_layer().handshake(asio::ssl::stream_base::client);
  run(socket, what);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 4; i < argc; ++i) {
    try {
      visit(argv[2], argv[3], argv[i]);
      std::cout << argv[i] << " ok" << std::endl;
    } catch (const std::exception& error) {
      std::cout << argv[i] << ' ' << error.what() << std::endl;
    }
  }
}
