#include "app/service_manager.hpp"

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

#include "app/exit_status.hpp"

namespace heliograph::app {

namespace {

// The first descriptor behind those of standard input, output and error.
constexpr int kFirstInherited = 3;
// More than anybody has configured; a wrong number must not make us go through all descriptors.
constexpr std::uint64_t kMostInherited = 16;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Variables may have been meant for a process that started us.
bool is_this_process(std::string_view pid) {
  return number(pid) == static_cast<std::uint64_t>(::getpid());
}

}  // namespace

Inherited inherited_sockets() {
  Inherited sockets;
  const std::uint64_t count = number(variable("LISTEN_FDS")).value_or(0);
  if (count == 0 || !is_this_process(variable("LISTEN_PID"))) return sockets;
  if (count > kMostInherited) throw Failure(EX_USAGE, "LISTEN_FDS: too many sockets");
  std::string_view names = variable("LISTEN_FDNAMES");
  for (int i = 0; i < static_cast<int>(count); ++i) {
    const std::string_view name = names.substr(0, names.find(':'));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    auto& place = name == "admin" ? sockets.admin : sockets.clients;
    if (place) {
      throw Failure(EX_USAGE,
                    "LISTEN_FDS: there is more than one socket for clients: one serves all "
                    "addresses, and that of the admin endpoint has the name 'admin'");
    }
    auto listener = net::Listener::inherit(kFirstInherited + i);
    if (!listener) throw Failure(EX_USAGE, "LISTEN_FDS: " + listener.error());
    place.emplace(std::move(*listener));
  }
  return sockets;
}

server::Supervisor supervisor() {
  const std::string_view address = variable("NOTIFY_SOCKET");
  if (address.empty()) return {};
  auto socket = net::NotifySocket::open(address);
  if (!socket) throw Failure(EX_USAGE, "NOTIFY_SOCKET: " + socket.error());
  const std::string_view pid = variable("WATCHDOG_PID");
  const bool watched = pid.empty() || is_this_process(pid);
  const std::uint64_t microseconds = number(variable("WATCHDOG_USEC")).value_or(0);
  return {std::move(*socket), watched ? microseconds / 1000 : 0};
}

}  // namespace heliograph::app
