// A WebSocket echo server by Boost.Beast, asynchronous in one thread. See echo_options.hpp.
#include <iostream>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "echo_options.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using beast::error_code;
using tcp = asio::ip::tcp;
using PlainSocket = websocket::stream<beast::tcp_stream>;
using TlsSocket = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

template <class Socket>
class Session : public std::enable_shared_from_this<Session<Socket>> {
 public:
  template <class... Arguments>
  explicit Session(Arguments&&... arguments) : socket_(std::forward<Arguments>(arguments)...) {
    socket_.auto_fragment(false);
  }

  void shake_hands() {
    auto upgrade = [self = this->shared_from_this()](error_code error) {
      if (!error) self->upgrade();
    };
    if constexpr (std::is_same_v<Socket, TlsSocket>) {
      socket_.next_layer().async_handshake(asio::ssl::stream_base::server, upgrade);
    } else {
      upgrade({});
    }
  }

 private:
  void upgrade() {
    socket_.async_accept([self = this->shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

  void read() {
    socket_.async_read(message_, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (!error) self->write();
    });
  }

  void write() {
    socket_.text(socket_.got_text());
    socket_.async_write(message_.data(),
                        [self = this->shared_from_this()](error_code error, std::size_t) {
                          self->message_.clear();
                          if (!error) self->read();
                        });
  }

  Socket socket_;
  beast::flat_buffer message_;
};

class Server {
 public:
  Server(asio::io_context& context, const EchoOptions& options)
      : context_(context),
        tls_(asio::ssl::context::tls_server),
        acceptor_(context, {asio::ip::address_v4::loopback(), options.port}),
        secure_(options.tls()) {
    acceptor_.listen(4096);
    if (!secure_) return;
    tls_.use_certificate_chain_file(options.certificate);
    tls_.use_private_key_file(options.key, asio::ssl::context::pem);
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (!error) start(std::move(socket));
      accept();
    });
  }

 private:
  void start(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (secure_) {
      std::make_shared<Session<TlsSocket>>(std::move(socket), tls_)->shake_hands();
    } else {
      std::make_shared<Session<PlainSocket>>(std::move(socket))->shake_hands();
    }
  }

  asio::io_context& context_;
  asio::ssl::context tls_;
  tcp::acceptor acceptor_;
  bool secure_;
};

}  // namespace

int main(int count, char** words) {
  try {
    asio::io_context context(1);
    Server server(context, EchoOptions(count, words));
    server.accept();
    context.run();
  } catch (const std::exception& error) {
    std::cerr << "beast_echo: " << error.what() << '\n';
    return 1;
  }
}
