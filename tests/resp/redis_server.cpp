#include "tests/resp/redis_server.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heliograph::testing {

namespace {

constexpr std::chrono::seconds kStartTimeout{20};
constexpr std::size_t kReceiveSize = std::size_t{64} << 10;

template <class Address>
const sockaddr* generic(const Address& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

std::optional<std::string> find_in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = folder;
    candidate.append("/").append(program);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

std::string make_directory() {
  std::string directory = std::filesystem::temp_directory_path() / "heliograph-redis-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) throw std::runtime_error("no temporary directory");
  return directory;
}

}  // namespace

HeldPort::HeldPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                     ::bind(fd_, generic(address), size) == 0 &&
                     ::getsockname(fd_, const_cast<sockaddr*>(generic(address)), &size) == 0;
  if (!bound) throw std::runtime_error("no free port");
  number_ = ntohs(address.sin_port);
}

HeldPort::~HeldPort() {
  ::close(fd_);
}

bool RedisServer::installed() {
  return find_in_path("redis-server").has_value();
}

RedisServer::RedisServer(Settings settings)
    : settings_(std::move(settings)),
      directory_(make_directory()),
      socket_path_(directory_ + "/redis.sock") {
  if (settings_.tcp) port_.emplace();
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string RedisServer::url() const {
  if (port_) return "redis://127.0.0.1:" + std::to_string(port());
  return "unix:" + socket_path_;
}

void RedisServer::start() {
  const std::string configuration = directory_ + "/redis.conf";
  std::ofstream file(configuration);
  file << "bind 127.0.0.1\nport " << port() << "\nunixsocket " << socket_path_ << "\ndir "
       << directory_ << "\nlogfile " << directory_ << "/log\n";
  if (!settings_.sentinel) file << "save \"\"\nappendonly no\n";
  for (const std::string& line : settings_.lines) file << line << "\n";
  file.close();

  std::string program = find_in_path("redis-server").value_or("redis-server");
  std::string argument = configuration;
  std::string mode = "--sentinel";
  const std::array<char*, 4> arguments = {program.data(), argument.data(),
                                          settings_.sentinel ? mode.data() : nullptr, nullptr};
  if (::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
    pid_ = 0;
    throw std::runtime_error("cannot start redis-server");
  }
  wait_until_it_accepts();
}

void RedisServer::wait_until_it_accepts() {
  const auto until = std::chrono::steady_clock::now() + kStartTimeout;
  while (std::chrono::steady_clock::now() < until) {
    if (TestSocket::connect(socket_path_)) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = 0;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill();
  std::ifstream log(directory_ + "/log");
  std::ostringstream text;
  text << "redis-server does not accept connections: " << log.rdbuf();
  throw std::runtime_error(text.str());
}

void RedisServer::stop() {
  end_with(SIGTERM);
}

void RedisServer::kill() {
  end_with(SIGKILL);
}

void RedisServer::end_with(int signal) {
  if (pid_ == 0) return;
  ::kill(pid_, signal);
  thaw();
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
  ::unlink(socket_path_.c_str());
}

void RedisServer::freeze() {
  if (pid_ != 0) ::kill(pid_, SIGSTOP);
}

void RedisServer::thaw() {
  if (pid_ != 0) ::kill(pid_, SIGCONT);
}

std::optional<TestSocket> TestSocket::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return std::nullopt;
  path.copy(address.sun_path, path.size());
  TestSocket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return std::nullopt;
  if (::connect(socket.fd_, generic(address), sizeof(address)) != 0) return std::nullopt;
  return socket;
}

std::optional<TestSocket> TestSocket::connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  TestSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return std::nullopt;
  if (::connect(socket.fd_, generic(address), sizeof(address)) != 0) return std::nullopt;
  return socket;
}

TestSocket::TestSocket(TestSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

TestSocket& TestSocket::operator=(TestSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

TestSocket::~TestSocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool TestSocket::send(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool TestSocket::send_some(Buffer& buffer) {
  while (!buffer.empty()) {
    const ssize_t sent = ::send(fd_, buffer.data(), buffer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    buffer.consume(static_cast<std::size_t>(sent));
  }
  return true;
}

bool TestSocket::receive(Buffer& buffer, std::chrono::milliseconds timeout) {
  pollfd poll{.fd = fd_, .events = POLLIN, .revents = 0};
  if (::poll(&poll, 1, static_cast<int>(timeout.count())) <= 0) return true;
  const ssize_t got = ::recv(fd_, buffer.prepare(kReceiveSize).data(), kReceiveSize, 0);
  if (got <= 0) return false;
  buffer.commit(static_cast<std::size_t>(got));
  return true;
}

}  // namespace heliograph::testing
